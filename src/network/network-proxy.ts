/**
 * A network on loopback: a TCP proxy before a target, whose owner changes what it does to connections while it runs. It
 * counts what passes on the client's side of the wire and shows it to taps; it alters nothing that its conditions do
 * not say.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type NetworkClock, REAL_CLOCK, seededChance } from './clock.ts'
import { changed, CLEAR, type Conditions, readsHttp } from './conditions.ts'
import { HttpDoor, type Target } from './http-door.ts'
import { type Cut, type Direction, type Ending, Passage, type PassageHost } from './passage.ts'

export interface NetworkOptions {
  /** What stands behind the network. */
  readonly target: Target
  /** At first; those that are not named are off. */
  readonly conditions?: Partial<Conditions>
  /** The same one makes the same jitter and the same cuts; by default each network has its own. */
  readonly seed?: number
  readonly clock?: NetworkClock
}

/** Since the network began. Bytes are those of the client's side, without TCP's and IP's own. */
export interface Traffic {
  /** From clients to the target. */
  readonly bytesUp: number
  readonly bytesDown: number
  readonly connections: number
  /** Of HTTP/1.1; the one that is upgraded is the last of its connection. */
  readonly requests: number
  /** Connections that the network has reset. */
  readonly cuts: number
}

/** Sees every connection that begins after it was put on. It must not throw, and must copy what it keeps of `bytes`. */
export interface Tap {
  opened?(connection: number, timeMs: number): void
  /** Times are monotonic, milliseconds since the process began. */
  moved(connection: number, direction: Direction, timeMs: number, bytes: Uint8Array): void
  closed?(connection: number, timeMs: number, why: Ending): void
}

export class NetworkProxy {
  readonly #target: Required<Target>
  readonly #clock: NetworkClock
  readonly #chance: () => number
  readonly #server: Server
  readonly #door: HttpDoor
  readonly #host: PassageHost
  readonly #passages = new Set<Passage>()
  /** Taps, each with the first connection that it sees. */
  readonly #taps = new Map<Tap, number>()
  #conditions: Conditions
  #doorPort = 0
  #connections = 0
  #bytes: Record<Direction, number> = { up: 0, down: 0 }
  #requestsBefore = 0
  #cuts = 0
  #cutNext: { readonly bytes: number; done(): void } | undefined

  /** @throws RangeError where a condition cannot be. */
  constructor({ target, conditions = {}, seed, clock = REAL_CLOCK }: NetworkOptions) {
    this.#target = { host: '127.0.0.1', ...target }
    this.#conditions = changed(CLEAR, conditions)
    this.#clock = clock
    this.#chance = seededChance(seed ?? Math.random() * 2 ** 32)
    this.#door = new HttpDoor(this.#target, () => this.#conditions)
    this.#host = {
      clock,
      conditions: () => this.#conditions,
      chance: this.#chance,
      cutOf: (bytes) => this.#cutOf(bytes),
      moved: ({ id }, direction, bytes) => {
        this.#bytes[direction] += bytes.length
        this.#eachTap(id, (tap, timeMs) => tap.moved(id, direction, timeMs, bytes))
      },
      over: (passage, why) => this.#over(passage, why),
    }
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  }

  get conditions(): Conditions {
    return this.#conditions
  }

  get traffic(): Traffic {
    let requests = this.#requestsBefore
    for (const passage of this.#passages) requests += passage.requests
    const { up: bytesUp, down: bytesDown } = this.#bytes
    return { bytesUp, bytesDown, connections: this.#connections, requests, cuts: this.#cuts }
  }

  /** Connections that stand. */
  get open(): number {
    return this.#passages.size
  }

  /** Bytes that are under way in the network. */
  get heldBytes(): number {
    let sum = 0
    for (const passage of this.#passages) sum += passage.heldBytes
    return sum
  }

  /** Listens on loopback, and on no other address. The URL is the one to ask in the target's place. */
  async listen(port = 0): Promise<{ readonly url: string; readonly port: number }> {
    this.#doorPort = await this.#door.listen()
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    const listening = this.#server.address() as AddressInfo
    return { url: `http://127.0.0.1:${listening.port}`, port: listening.port }
  }

  /**
   * Changes conditions, for connections that stand too: deadlines count from when they began, and what is under way
   * arrives as it set out. A change of `buffering` or `upgrade` cuts them, since those are properties of the proxy that
   * they go through. @throws RangeError
   */
  change(change: Partial<Conditions>): void {
    const before = this.#conditions
    const after = changed(before, change)
    this.#conditions = after
    const another = before.buffering !== after.buffering || before.upgrade !== after.upgrade
    for (const passage of this.#passages) {
      if (another) passage.cut()
      else passage.arm()
    }
  }

  /** Resets every connection that stands. */
  cut(): void {
    for (const passage of this.#passages) passage.cut()
  }

  /**
   * Resets the connection that is next to receive something from the target, behind the first so many bytes of it: in
   * the middle of a frame or an answer. Fulfilled when it has happened.
   */
  cutInMidAnswer(bytes: number): Promise<void> {
    return new Promise((done) => {
      this.#cutNext = { bytes, done }
    })
  }

  /** @returns what takes it off. */
  tap(tap: Tap): () => void {
    this.#taps.set(tap, this.#connections)
    return () => this.#taps.delete(tap)
  }

  /** Destroys what stands, and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.cut()
    await Promise.all([closed, this.#door.close()])
  }

  #accept(client: Socket): void {
    const to = readsHttp(this.#conditions) ? { host: '127.0.0.1', port: this.#doorPort } : this.#target
    const target = connect({ ...to, allowHalfOpen: true })
    const id = ++this.#connections
    this.#eachTap(id, (tap, timeMs) => tap.opened?.(id, timeMs))
    this.#passages.add(new Passage(id, this.#host, client, target))
  }

  #cutOf(bytes: number): Cut | undefined {
    const asked = this.#cutNext
    const { cutChance } = this.#conditions
    if (asked === undefined && (cutChance === 0 || this.#chance() >= cutChance)) return undefined
    this.#cutNext = undefined
    const keptBytes = Math.min(asked?.bytes ?? Math.floor(this.#chance() * bytes), bytes - 1)
    return { keptBytes, done: () => asked?.done() }
  }

  #over(passage: Passage, why: Ending): void {
    this.#passages.delete(passage)
    this.#requestsBefore += passage.requests
    if (why === 'cut') this.#cuts++
    this.#eachTap(passage.id, (tap, timeMs) => tap.closed?.(passage.id, timeMs, why))
  }

  #eachTap(connection: number, show: (tap: Tap, timeMs: number) => void): void {
    if (this.#taps.size === 0) return
    const timeMs = this.#clock.now()
    for (const [tap, before] of this.#taps) if (connection > before) show(tap, timeMs)
  }
}
