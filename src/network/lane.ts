/**
 * One direction of a connection: what goes in comes out in order, each piece at its time. It holds a bounded amount, and
 * stops its source while it holds that or its destination takes no more. It knows no sockets.
 */
import type { NetworkClock } from './clock.ts'

export interface LaneEnds {
  /** False when the destination is full, until the lane is told that it `drained`. */
  write(bytes: Uint8Array): boolean
  /** Nothing follows in this direction. */
  end(): void
  /** The source is to send no more, for now. */
  pause(): void
  resume(): void
}

/** What may be under way: a second of it at 8 Mbit/s. */
const MOST_BYTES = 1_048_576
/** The least that a piece counts, so that single bytes are bounded too. */
const PIECE_BYTES = 256

interface Piece {
  readonly dueMs: number
  /** Undefined: the end. */
  readonly bytes: Uint8Array | undefined
}

export class Lane {
  readonly #ends: LaneEnds
  readonly #clock: NetworkClock
  /** How long the next piece is under way, milliseconds. */
  readonly #latencyMs: () => number
  readonly #pieces: Piece[] = []
  #heldBytes = 0
  #lastDueMs = 0
  #full = false
  #paused = false
  #cancel: (() => void) | undefined
  #closed = false

  constructor(ends: LaneEnds, clock: NetworkClock, latencyMs: () => number) {
    this.#ends = ends
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  /** Bytes that are under way. */
  get heldBytes(): number {
    return this.#pieces.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
  }

  push(bytes: Uint8Array): void {
    this.#add(bytes)
    this.#heldBytes += weight(bytes)
    this.#move()
    this.#balance()
  }

  /** The source has ended: so will the destination, in its turn. */
  finish(): void {
    this.#add(undefined)
    this.#move()
  }

  drained(): void {
    this.#full = false
    this.#move()
    this.#balance()
  }

  /** Lets go of what is under way. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#pieces.length = 0
  }

  #add(bytes: Uint8Array | undefined): void {
    // Nothing overtakes, not even when the network gets faster.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.now() + this.#latencyMs())
    this.#pieces.push({ dueMs: this.#lastDueMs, bytes })
  }

  /** Hands over what is due, and waits for what is not. */
  #move(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const now = this.#clock.now()
    while (!this.#full && !this.#closed) {
      const next = this.#pieces[0]
      if (next === undefined) return
      if (next.dueMs > now) {
        // Timers may be early by a fraction; `now` decides, so nothing is.
        this.#cancel = this.#clock.after(Math.ceil(next.dueMs - now), () => {
          this.#move()
          this.#balance()
        })
        return
      }
      this.#pieces.shift()
      this.#hand(next)
    }
  }

  #hand({ bytes }: Piece): void {
    if (bytes === undefined) return this.#ends.end()
    this.#heldBytes -= weight(bytes)
    this.#full = !this.#ends.write(bytes)
  }

  #balance(): void {
    if (this.#closed) return
    const stop = this.#heldBytes >= (this.#paused ? MOST_BYTES / 2 : MOST_BYTES)
    if (stop === this.#paused) return
    this.#paused = stop
    if (stop) this.#ends.pause()
    else this.#ends.resume()
  }
}

const weight = (bytes: Uint8Array): number => Math.max(bytes.length, PIECE_BYTES)
