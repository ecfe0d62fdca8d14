/**
 * Commands on their way: what the outbox and the requests may send is put on the link that takes commands now,
 * and answers find who asked. While an old link's answers are awaited nothing is sent, so that they all come
 * from one.
 */
import type { Published, Reply, Welcome } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { ClientClosedError, PublishError } from './errors.ts'
import type { Payload } from './lane.ts'
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
  sender(): Link | undefined
  touch(): void
  /** Answers have come in. */
  answered(): void
}

export class Courier {
  welcome: Welcome | undefined
  readonly #port: CourierPort
  readonly #outbox: Outbox
  readonly #requests: Requests
  #nextId = 1
  #pumping = false
  #closed = false

  constructor(port: CourierPort) {
    this.#port = port
    const { timers, settings } = port
    const rest = new Backoff({ minMs: REST_MIN_MS, maxMs: REST_MAX_MS, random: () => timers.random() })
    this.#requests = new Requests(timers)
    this.#outbox = new Outbox({
      producerId: randomName(timers),
      maxCount: settings.outboxCount,
      maxBytes: settings.outboxBytes,
      nextId: () => this.#nextId++,
      accepted: () => rest.reset(),
      rest: (channel) =>
        void timers.after(REST_MIN_MS / 2 + rest.next(), () => {
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

  /**
   * @param expect compare and append: now or not at all.
   * @throws PublishError, RefusedError, ClientClosedError
   */
  async publish(channel: string, payload: Payload, expect: string | undefined): Promise<Published> {
    const attempt = `publishing to ${channel}`
    const most = this.welcome?.limits.publicationBytes ?? Infinity
    if (this.#closed) throw new ClientClosedError(attempt)
    if (payload.bytes > most) throw tooLarge(attempt, most)
    this.pump()
    if (expect === undefined) return this.#outbox.add(channel, payload)
    if (!this.#port.sender()) throw new PublishError('offline', `${attempt}: there is no connection`)
    const id = this.#nextId++
    const command = encodePublish({ id, channel, expect }, payload)
    return this.#requests.add(id, command, { attempt, lost: 'in_doubt' }) as Promise<Published>
  }

  /** Any other command, without its id. @throws RefusedError, CallError, ClientClosedError */
  async request(
    command: object,
    attempt: string,
    options: Partial<RequestOptions> = {},
  ): Promise<unknown> {
    if (this.#closed) throw new ClientClosedError(attempt)
    const id = this.#nextId++
    this.pump()
    return this.#requests.add(
      id,
      { json: JSON.stringify({ id, ...command }) },
      { attempt, lost: 'again', ...options },
    )
  }

  /** Sends what may be sent, at the end of the turn. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      this.#port.touch()
      const sender = this.#port.sender()
      if (!sender || !this.welcome) return
      const { publicationBytes } = this.welcome.limits
      const window = { count: WINDOW_COUNT, bytes: sender.windowBytes, publicationBytes }
      sender.send([...this.#requests.take(), ...this.#outbox.take(window)])
    })
  }

  reply({ id, ok, error }: Reply): void {
    if (!this.#outbox.reply(id, ok, error)) this.#requests.reply(id, ok, error)
    this.#port.answered()
    this.pump()
  }

  /** The link that commands travelled on is gone. */
  lost(): void {
    this.#outbox.lost()
    this.#requests.lost()
  }

  close(): void {
    this.#closed = true
    this.#outbox.close()
    this.#requests.close()
  }
}

/** 96 random bits. */
const randomName = (timers: Timers): string => {
  let name = ''
  for (let i = 0; i < 3; i++) name += Math.floor(timers.random() * 2 ** 32).toString(36)
  return name
}
