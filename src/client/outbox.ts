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
/** What the server would say. */
const TOO_LARGE: WireError = { code: 'too_large', message: 'too large', retry: 'never' }
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

/** A command without its id. */
export interface Request {
  readonly type: string
  readonly channel?: string
  readonly method?: string
  readonly [field: string]: unknown
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
    this.#port = port
    this.#producerId = `${timers.random()}-${timers.random()}`
    this.#rest = new Backoff({ minMs: REST_MIN_MS, maxMs: REST_MAX_MS }, timers)
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
    const attempt = `publish ${channel}`
    const { count, bytes } = this.#port.settings.outbox
    if (this.#closed) throw new ClientClosedError(attempt)
    if (payload.bytes > this.#mostBytes) throw new RefusedError(attempt, TOO_LARGE)
    if (expect !== undefined) {
      if (!this.#port.connection.sender) throw new PublishError('offline', `${attempt}: not connected`)
      const encode = (id: number): Outgoing => encodePublish({ id, channel, expect }, payload)
      return this.#request(attempt, encode, { lost: 'in_doubt' }) as Promise<Published>
    }
    if (this.#count >= count || this.#bytes + payload.bytes > bytes)
      throw new PublishError('outbox_full', `${attempt}: too much waits`)
    let lane = this.#lanes.get(channel)
    if (!lane) this.#lanes.set(channel, (lane = this.#newLane()))
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
  async request(command: Request, options: RequestOptions = {}): Promise<unknown> {
    const attempt = `${command.type} ${command.channel ?? command.method ?? ''}`
    if (this.#closed) throw new ClientClosedError(attempt)
    return this.#request(attempt, (id) => ({ json: JSON.stringify({ id, ...command }) }), options)
  }

  /** Sends what may be sent, at the end of the turn. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      const { connection, observed } = this.#port
      this.#pumping = false
      observed.touch()
      connection.sender?.send(this.#take(connection.sender.windowBytes))
    })
  }

  reply({ id, ok, error }: Reply): void {
    const flight = this.#flights.get(id)
    this.#flights.delete(id)
    if (!error) this.#rest.reset()
    flight?.answered(ok, error)
    this.#port.connection.answered()
    this.pump()
  }

  /** The link that commands travelled on is gone. */
  lost(): void {
    for (const flight of this.#flights.values()) flight.lost()
    this.#flights.clear()
  }

  close(): void {
    this.#closed = true
    this.lost()
    for (const each of [...this.#waiting, ...this.#lanes.values()]) each.close()
  }

  #request(
    attempt: string,
    encode: (id: number) => Outgoing,
    { lost = 'again', timeoutMs }: RequestOptions,
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#nextId++
    const end = (error: Error): void => {
      cancel?.()
      this.#flights.delete(id)
      this.#waiting.delete(waiting)
      reject(error)
    }
    /** Once is enough: what was lost and waits to be sent again may have been carried out. */
    let sent: boolean | undefined
    const unanswered = (): void => {
      sent ||= this.#flights.has(id)
      const message = `${attempt}: ${sent ? 'no answer came' : 'it was not sent'}`
      const code = sent ? 'outcome_unknown' : 'not_sent'
      end(lost === 'in_doubt' ? new PublishError(lost, message) : new CallError(code, message))
    }
    const waiting: Waiting = {
      id,
      command: encode(id),
      bytes: 0,
      answered: (ok, error) => {
        if (error) return end(new RefusedError(attempt, error))
        cancel?.()
        resolve(ok)
      },
      lost: () => {
        if (lost !== 'again') return unanswered()
        sent = true
        this.#waiting.add(waiting)
      },
      close: () => end(new ClientClosedError(attempt)),
    }
    const cancel = timeoutMs === undefined ? undefined : this.#port.timers.after(timeoutMs, unanswered)
    this.#waiting.add(waiting)
    this.pump()
    return promise
  }

  #newLane(): Lane {
    const lane: Lane = new Lane(() => {
      this.#port.timers.after(REST_MIN_MS / 2 + this.#rest.next(), () => {
        lane.wake()
        this.pump()
      })
    })
    return lane
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
        bytes += next.bytes
        commands.push(...this.#fly(channel, next))
      }
    }
    return commands
  }

  /** Nothing, when it turns out to be larger than the server takes. */
  #fly(channel: string, command: LaneCommand): Outgoing[] {
    const { payload, bytes, epoch, seq, again } = command
    if (bytes > this.#mostBytes) {
      command.answered(undefined, TOO_LARGE)
      this.pump()
      return []
    }
    const id = this.#nextId++
    const fields = { id, channel, producer: { id: this.#producerId, epoch, seq, again } }
    this.#flights.set(id, command)
    return [payload ? encodePublish(fields, payload) : { json: JSON.stringify({ type: 'fence', ...fields }) }]
  }

  get #mostBytes(): number {
    return this.welcome?.limits.publicationBytes ?? Infinity
  }
}

/** A `publish` or `remove` command around a payload that is JSON text already, or bytes. */
const encodePublish = (fields: object, { data, key, remove }: Payload): Outgoing => {
  const json = JSON.stringify({ type: remove ? 'remove' : 'publish', ...fields, key })
  if (remove) return { json }
  return typeof data === 'string' ? { json: `${json.slice(0, -1)},"data":${data}}` } : { json, bytes: data }
}
