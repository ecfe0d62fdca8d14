/**
 * One connection between a client and a node: two directions, each in order, with delay. It can be cut, which both
 * ends hear of and which destroys what is under way, or fall silent, which nobody hears of. Bytes towards the
 * client are counted until it has taken them, so that a node feels a reader who is slow.
 */
import type { Chance } from './chance.ts'
import type { TimerOwner, VirtualClock } from './virtual-clock.ts'

/** What wires have in common: where they run, and who is at their client's end. */
export interface Path {
  readonly clock: VirtualClock
  readonly chance: Chance
  /** The network's own timers: they run whoever sleeps. */
  readonly network: TimerOwner
  /** One way, milliseconds. */
  delayMs(): number
  /** The client takes nothing now. */
  readonly paused: boolean
  /** The chance that bytes are split. */
  readonly splits: number
  /** For who reads a trace. */
  detail(what: () => string): void
}

export interface WireEnds {
  /** The connection was cut; said once, also when this end cut it. */
  readonly client: () => void
  readonly node: () => void
  /** Fewer bytes wait than before. */
  readonly taken?: (bytes: number) => void
}

type Delivery = { readonly bytes: number; readonly deliver: () => void }

export class Wire {
  /** Bytes on their way to the client. */
  towardsClient = 0
  /** Nothing arrives any more, and nobody knows. */
  silent = false
  clientGone = false
  nodeGone = false
  readonly #path: Path
  readonly #ends: WireEnds
  readonly #held: Delivery[] = []
  #upMs = 0
  #downMs = 0

  constructor(path: Path, ends: WireEnds) {
    this.#path = path
    this.#ends = ends
  }

  get over(): boolean {
    return this.clientGone && this.nodeGone
  }

  /** Towards the node. */
  up(deliver: () => void): void {
    this.#upMs = this.#later(this.#upMs, () => {
      if (!this.silent && !this.nodeGone) deliver()
    })
  }

  /** Towards the client. `deliver` is given the bytes, in one piece or several, at any of which it may end. */
  down(bytes: Uint8Array, deliver: (piece: Uint8Array) => void): void {
    const { chance, splits } = this.#path
    let rest = bytes
    while (rest.length > 1 && splits > 0 && chance.happens(splits)) {
      const at = chance.whole(1, rest.length - 1)
      this.#piece(rest.subarray(0, at), deliver)
      rest = rest.subarray(at)
    }
    this.#piece(rest, deliver)
  }

  /** Both ends hear that it is over, each in its own time; what is under way is lost. */
  cut(): void {
    this.silent = true
    const { clock, network } = this.#path
    clock.after(network, this.#path.delayMs(), () => this.endClient())
    clock.after(network, this.#path.delayMs(), () => this.endNode())
  }

  /** The client lets go; the node hears of it when what was sent before has arrived. */
  closeClient(): void {
    if (this.clientGone) return
    this.clientGone = true
    this.#held.length = 0
    this.up(() => this.endNode())
  }

  /** The node lets go; the client hears of it behind what was sent before. */
  closeNode(): void {
    if (this.nodeGone) return
    this.nodeGone = true
    this.#downMs = this.#later(this.#downMs, () =>
      this.#arrive({ bytes: 0, deliver: () => this.endClient() }),
    )
  }

  endClient(): void {
    if (this.clientGone) return
    this.clientGone = true
    this.#held.length = 0
    this.#ends.client()
  }

  endNode(): void {
    if (this.nodeGone) return
    this.nodeGone = true
    this.#ends.node()
  }

  /** The client reads again. */
  resume(): void {
    while (this.#held.length > 0 && !this.#path.paused && !this.clientGone)
      this.#hand(this.#held.shift() as Delivery)
  }

  #piece(piece: Uint8Array, deliver: (piece: Uint8Array) => void): void {
    this.towardsClient += piece.length
    this.#downMs = this.#later(this.#downMs, () =>
      this.#arrive({ bytes: piece.length, deliver: () => deliver(piece) }),
    )
  }

  #arrive(delivery: Delivery): void {
    if (this.silent || this.clientGone) return
    if (this.#path.paused || this.#held.length > 0) this.#held.push(delivery)
    else this.#hand(delivery)
  }

  #hand({ bytes, deliver }: Delivery): void {
    this.towardsClient -= bytes
    deliver()
    if (bytes > 0 && !this.nodeGone) this.#ends.taken?.(bytes)
  }

  /** In order: never before what was sent before it. Returns when. */
  #later(earliestMs: number, run: () => void): number {
    const { clock, network } = this.#path
    const atMs = Math.max(earliestMs, clock.nowMs + this.#path.delayMs())
    clock.after(network, atMs - clock.nowMs, run)
    return atMs
  }
}
