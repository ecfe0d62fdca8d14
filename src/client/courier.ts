/**
 * Commands on their way: what the outbox and the requests may send is put on the link that takes commands now,
 * and answers find who asked. While an old link's answers are awaited nothing is sent, so that they all come
 * from one.
 */
import type { Published, Reply, Welcome } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { PublishError } from './errors.ts'
import type { Entry } from './lane.ts'
import type { Link } from './link.ts'
import { Outbox, encodePublish, tooLarge } from './outbox.ts'
import { type RequestOptions, Requests } from './requests.ts'
import type { Settings } from './options.ts'
import type { Timers } from './timers.ts'

/** Publications that may be under way at once. */
const WINDOW_COUNT = 64
const REST_MIN_MS = 200
const REST_MAX_MS = 10_000

export interface CourierPort {
  readonly timers: Timers
  readonly settings: Settings
  /** Where commands may be sent now. */
  readonly sender: Link | undefined
  touch(): void
  /** Answers have come in. */
  answered(): void
}

export type Payload = Pick<Entry, 'data' | 'key' | 'remove' | 'bytes'>

export class Courier {
  welcome: Welcome | undefined
  readonly #port: CourierPort
  readonly #outbox: Outbox
  readonly #requests: Requests
  readonly #rest: Backoff
  #nextId = 1
  #pumping = false

  constructor(port: CourierPort) {
    this.#port = port
    const { timers, settings } = port
    this.#requests = new Requests(timers)
    this.#rest = new Backoff({ minMs: REST_MIN_MS, maxMs: REST_MAX_MS, random: () => timers.random() })
    this.#outbox = new Outbox({
      producerId: randomName(timers),
      maxCount: settings.outboxCount,
      maxBytes: settings.outboxBytes,
      nextId: () => this.#nextId++,
      rest: (channel) =>
        void timers.after(REST_MIN_MS / 2 + this.#rest.next(), () => {
          this.#outbox.wake(channel)
          this.pump()
        }),
    })
  }

  /** Publications that wait to be acknowledged. */
  get waiting(): number {
    return this.#outbox.size
  }

  get expectsAnswers(): boolean {
    return this.#outbox.inFlight + this.#requests.inFlight > 0
  }

  /** @throws PublishError `too_large` | `outbox_full` | `in_doubt`, RefusedError */
  publish(channel: string, payload: Payload): Promise<Published> {
    const most = this.welcome?.limits.publicationBytes ?? Infinity
    if (payload.bytes > most) return Promise.reject(tooLarge(channel, payload.bytes, most))
    const published = this.#outbox.add(channel, payload)
    this.#port.touch()
    this.pump()
    return published
  }

  /** Compare and append: now or not at all. @throws PublishError `offline` | `in_doubt`, RefusedError */
  publishIf(channel: string, payload: Payload, expect: string): Promise<Published> {
    const attempt = `publishing to ${channel}`
    if (this.#port.sender === undefined)
      return Promise.reject(new PublishError('offline', `${attempt}: there is no connection`))
    const id = this.#nextId++
    const command = encodePublish({ id, channel, expect }, payload)
    const answer = this.#requests.add(id, command, { attempt, lost: 'in_doubt' })
    this.pump()
    return answer as Promise<Published>
  }

  /** Any other command, without its id. */
  request(command: object, options: RequestOptions): Promise<unknown> {
    const id = this.#nextId++
    const answer = this.#requests.add(id, { json: JSON.stringify({ id, ...command }) }, options)
    this.pump()
    return answer
  }

  /** Sends what may be sent, at the end of the turn. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      const { sender } = this.#port
      if (sender === undefined || this.welcome === undefined) return
      const { publicationBytes } = this.welcome.limits
      const window = { count: WINDOW_COUNT, bytes: sender.windowBytes, publicationBytes }
      sender.send([...this.#requests.take(), ...this.#outbox.take(window)])
    })
  }

  reply({ id, ok, error }: Reply): void {
    if (!this.#outbox.reply(id, ok, error)) this.#requests.reply(id, ok, error)
    else if (error === undefined) this.#rest.reset()
    this.#port.touch()
    this.#port.answered()
    this.pump()
  }

  /** The link that commands travelled on is gone. */
  lost(): void {
    this.#outbox.lost()
    this.#requests.lost()
  }

  close(): void {
    this.#outbox.close((sent) =>
      sent
        ? new PublishError('in_doubt', 'the client was closed before the answer came')
        : new PublishError('offline', 'the client was closed before it was sent'),
    )
    this.#requests.close()
  }
}

/** 96 random bits. */
const randomName = (timers: Timers): string => {
  let name = ''
  for (let i = 0; i < 3; i++) name += Math.floor(timers.random() * 2 ** 32).toString(36)
  return name
}
