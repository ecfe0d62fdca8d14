/**
 * Commands on their way: publications in one lane per channel, bounded, and everything else that wants one
 * answer. It puts on the link in use what may be sent, finds for each answer who asked, and knows what to do
 * when none will come: send again what may be sent twice, and report the rest. It opens nothing.
 */
import type { Published, Reply, Welcome, WireError } from '../protocol/index.ts'
import { Backoff } from './backoff.ts'
import { CallError, ClientClosedError, PublishError, RefusedError } from './errors.ts'
import { Lane, type LaneCommand, type Payload } from './lane.ts'
import type { Settings } from './options.ts'
import type { Timers } from './timers.ts'
import type { Outgoing } from './transports/transport.ts'

/** Publications that may be under way at once. */
const WINDOW_COUNT = 64
const REST_MIN_MS = 200
const REST_MAX_MS = 10_000

export interface OutboxPort {
  readonly timers: Timers
  readonly settings: Settings
  readonly connection: {
    /** Where commands may be sent now. */
    readonly sender: { readonly windowBytes: number; send(commands: readonly Outgoing[]): void } | undefined
    /** Answers have come in. */
    answered(): void
  }
  readonly observed: { touch(): void }
}

export interface RequestOptions {
  /** `again` (the default): running it twice does no harm. Otherwise what a lost answer is reported as. */
  readonly lost?: 'again' | 'outcome_unknown' | 'in_doubt'
  readonly timeoutMs?: number
}

/** A command that has been sent. */
interface Flight {
  /** Of its payload. */
  readonly bytes: number
  answered(ok: unknown, error: WireError | undefined): void
  /** No answer will come. */
  lost(): void
}

/** A command that waits to be sent. */
interface Waiting extends Flight {
  readonly id: number
  readonly command: Outgoing
  /** It will not be sent any more. */
  close(): void
}

export class Outbox {
  welcome: Welcome | undefined
  readonly #port: OutboxPort
  readonly #producerId: string
  readonly #rest: Backoff
  readonly #lanes = new Map<string, Lane>()
  readonly #waiting = new Set<Waiting>()
  readonly #flights = new Map<number, Flight>()
  #nextId = 1
  #count = 0
  #bytes = 0
  #pumping = false
  #closed = false

  constructor(port: OutboxPort) {
    const { timers } = port
    const random = (): number => timers.random()
    this.#port = port
    this.#producerId = [random(), random(), random()].map((each) => (each * 2 ** 32).toString(36)).join('')
    this.#rest = new Backoff({ minMs: REST_MIN_MS, maxMs: REST_MAX_MS }, random)
  }

  /** Publications that wait to be acknowledged. */
  get size(): number {
    return this.#count
  }

  get expectsAnswers(): boolean {
    return this.#flights.size > 0
  }

  /**
   * Fulfilled when it is in the log.
   * @param expect compare and append: now or not at all.
   * @throws PublishError, RefusedError, ClientClosedError
   */
  async publish(channel: string, payload: Payload, expect?: string): Promise<Published> {
    const attempt = `publishing to ${channel}`
    const { count, bytes } = this.#port.settings.outbox
    if (this.#closed) throw new ClientClosedError(attempt)
    if (payload.bytes > this.#mostBytes) throw this.#tooLarge(attempt)
    if (expect !== undefined) {
      if (!this.#port.connection.sender)
        throw new PublishError('offline', `${attempt}: there is no connection`)
      const id = this.#nextId++
      const command = encodePublish({ id, channel, expect }, payload)
      return this.#request(id, command, attempt, { lost: 'in_doubt' }) as Promise<Published>
    }
    if (this.#count >= count || this.#bytes + payload.bytes > bytes)
      throw new PublishError('outbox_full', `${attempt}: too much waits to be sent`)
    let lane = this.#lanes.get(channel)
    if (!lane) this.#lanes.set(channel, (lane = new Lane()))
    this.#count++
    this.#bytes += payload.bytes
    this.pump()
    try {
      return await lane.add(payload)
    } finally {
      this.#count--
      this.#bytes -= payload.bytes
    }
  }

  /** Any other command, without its id. @throws RefusedError, CallError, ClientClosedError */
  async request(command: object, attempt: string, options: RequestOptions = {}): Promise<unknown> {
    if (this.#closed) throw new ClientClosedError(attempt)
    const id = this.#nextId++
    return this.#request(id, { json: JSON.stringify({ id, ...command }) }, attempt, options)
  }

  /** Sends what may be sent, at the end of the turn. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      const { connection, observed } = this.#port
      this.#pumping = false
      observed.touch()
      if (connection.sender) connection.sender.send(this.#take(connection.sender.windowBytes))
    })
  }

  reply({ id, ok, error }: Reply): void {
    const flight = this.#flights.get(id)
    this.#flights.delete(id)
    flight?.answered(ok, error)
    this.#port.connection.answered()
    this.pump()
  }

  /** The link that commands travelled on is gone. */
  lost(): void {
    const flights = [...this.#flights.values()]
    this.#flights.clear()
    for (const flight of flights) flight.lost()
  }

  close(): void {
    this.#closed = true
    this.lost()
    for (const each of [...this.#waiting, ...this.#lanes.values()]) each.close()
  }

  #request(
    id: number,
    command: Outgoing,
    attempt: string,
    { lost = 'again', timeoutMs }: RequestOptions,
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const end = (error: Error): void => {
      cancel?.()
      this.#flights.delete(id)
      this.#waiting.delete(waiting)
      reject(error)
    }
    const unanswered = (): void => {
      const message = `${attempt}: no answer came`
      end(lost === 'in_doubt' ? new PublishError(lost, message) : new CallError('outcome_unknown', message))
    }
    const waiting: Waiting = {
      id,
      command,
      bytes: 0,
      answered: (ok, error) => {
        if (error) return end(new RefusedError(attempt, error))
        cancel?.()
        resolve(ok)
      },
      lost: () => {
        if (lost === 'again') this.#waiting.add(waiting)
        else unanswered()
      },
      close: () => end(new ClientClosedError(attempt)),
    }
    const late = (): void => {
      if (this.#flights.has(id)) unanswered()
      else end(new CallError('not_sent', `${attempt}: it could not be sent in time`))
    }
    const cancel = timeoutMs === undefined ? undefined : this.#port.timers.after(timeoutMs, late)
    this.#waiting.add(waiting)
    this.pump()
    return promise
  }

  /** What may be sent now: requests first, then the lanes in turn. */
  #take(windowBytes: number): Outgoing[] {
    const commands: Outgoing[] = []
    let bytes = 0
    for (const flight of this.#flights.values()) bytes += flight.bytes
    for (const waiting of this.#waiting) {
      this.#flights.set(waiting.id, waiting)
      commands.push(waiting.command)
    }
    this.#waiting.clear()
    for (let before = -1; commands.length > before;) {
      before = commands.length
      for (const [channel, lane] of this.#lanes) {
        // However large it is: when nothing is under way, one may go.
        const most = bytes > 0 ? windowBytes - bytes : Infinity
        const next = this.#flights.size < WINDOW_COUNT ? lane.take(most) : undefined
        if (!next) continue
        bytes += next.payload?.bytes ?? 0
        commands.push(...this.#fly(channel, lane, next))
      }
    }
    return commands
  }

  /** Nothing, when it turns out to be larger than the server takes. */
  #fly(channel: string, lane: Lane, command: LaneCommand): Outgoing[] {
    const { payload, epoch, seq, again, answered, lost } = command
    const id = this.#nextId++
    const bytes = payload?.bytes ?? 0
    const settle = (): void => {
      if (!lane.resting) return
      this.#port.timers.after(REST_MIN_MS / 2 + this.#rest.next(), () => {
        lane.wake()
        this.pump()
      })
    }
    const flight: Flight = {
      bytes,
      answered: (ok, error) => {
        if (!error) this.#rest.reset()
        answered(ok, error)
        settle()
      },
      lost: () => {
        lost()
        settle()
      },
    }
    if (bytes > this.#mostBytes) {
      const { code, message } = this.#tooLarge('publishing')
      flight.answered(undefined, { code, message, retry: 'never' } as WireError)
      return []
    }
    this.#flights.set(id, flight)
    const producer = { id: this.#producerId, epoch, seq, again }
    const fields = { id, channel, producer }
    return [payload ? encodePublish(fields, payload) : { json: JSON.stringify({ type: 'fence', ...fields }) }]
  }

  get #mostBytes(): number {
    return this.welcome?.limits.publicationBytes ?? Infinity
  }

  #tooLarge(attempt: string): PublishError {
    return new PublishError('too_large', `${attempt}: the server takes ${this.#mostBytes} bytes`)
  }
}

/** A `publish` or `remove` command around a payload that is JSON text already, or bytes. */
const encodePublish = (fields: object, { data, key, remove }: Payload): Outgoing => {
  const json = JSON.stringify({ type: remove ? 'remove' : 'publish', ...fields, key })
  if (remove) return { json }
  return typeof data === 'string' ? { json: `${json.slice(0, -1)},"data":${data}}` } : { json, bytes: data }
}
