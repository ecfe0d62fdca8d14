/**
 * One connection through the network: a client's socket, one to the target, and a lane each way. It delays, cuts and
 * ends them; what the bytes mean is no business of its own.
 */
import type { Socket } from 'node:net'
import type { NetworkClock } from './clock.ts'
import type { Conditions } from './conditions.ts'
import { Lane } from './lane.ts'
import { RequestCounter } from './request-counter.ts'
import { reset } from './reset.ts'

/** `up` is from the client to the target. */
export type Direction = 'up' | 'down'

/** Why a connection is over: both ends said so, the network cut it, it was idle, or one end reset it. */
export type Ending = 'ended' | 'cut' | 'idle' | 'reset'

/** In the middle of a piece from the target. */
export interface Cut {
  /** Bytes of the piece that still pass. */
  readonly keptBytes: number
  /** Told when it has happened. */
  done(): void
}

/** What a passage needs of its network, and tells it. */
export interface PassageHost {
  readonly clock: NetworkClock
  /** As they are now. */
  conditions(): Conditions
  /** From 0 to below 1. */
  chance(): number
  /** Whether a piece of so many bytes from the target is to be its connection's last. */
  cutOf(bytes: number): Cut | undefined
  moved(passage: Passage, direction: Direction, bytes: Uint8Array): void
  over(passage: Passage, why: Ending): void
}

export class Passage {
  readonly id: number
  readonly #host: PassageHost
  readonly #client: Socket
  readonly #target: Socket
  readonly #lanes: Readonly<Record<Direction, Lane>>
  readonly #requests = new RequestCounter()
  readonly #openedMs: number
  #movedMs: number
  #cancelCut: (() => void) | undefined
  #cancelIdle: (() => void) | undefined
  #isOver = false
  /** The target's lane ends in this cut. */
  #lastPiece: Cut | undefined

  constructor(id: number, host: PassageHost, client: Socket, target: Socket) {
    this.id = id
    this.#host = host
    this.#client = client
    this.#target = target
    this.#openedMs = this.#movedMs = host.clock.now()
    this.#lanes = { up: this.#lane(client, target, 'up'), down: this.#lane(target, client, 'down') }
    this.#connect(client, target, 'up', 'down')
    this.#connect(target, client, 'down', 'up')
    this.arm()
  }

  /** Of HTTP/1.1, as far as they can be told. */
  get requests(): number {
    return this.#requests.count
  }

  /** Bytes of both directions that are under way. */
  get heldBytes(): number {
    return this.#lanes.up.heldBytes + this.#lanes.down.heldBytes
  }

  /** Sets its deadlines by the conditions as they are now. */
  arm(): void {
    const { cutEveryMs } = this.#host.conditions()
    this.#cancelCut?.()
    this.#cancelCut = this.#deadline(cutEveryMs, this.#openedMs, () => this.cut())
    this.#armIdle()
  }

  /** Resets both ends, in the middle of whatever is under way. */
  cut(): void {
    this.#finish('cut')
  }

  #lane(source: Socket, destination: Socket, direction: Direction): Lane {
    const { clock } = this.#host
    return new Lane(
      {
        write: (bytes) => this.#write(destination, direction, bytes),
        end: () => this.#end(destination, direction),
        pause: () => source.pause(),
        resume: () => (direction === 'down' && this.#lastPiece !== undefined ? source : source.resume()),
      },
      clock,
      () => {
        const { delayMs, jitterMs } = this.#host.conditions()
        return delayMs + jitterMs * this.#host.chance()
      },
    )
  }

  #connect(source: Socket, destination: Socket, direction: Direction, back: Direction): void {
    source.setNoDelay(true)
    source.on('data', (bytes: Buffer) => this.#take(direction, bytes))
    source.on('end', () => this.#lanes[direction].finish())
    source.on('drain', () => this.#lanes[back].drained())
    source.on('error', () => this.#finish('reset'))
    source.on('close', (hadError) => {
      // Each end closes when both directions have ended; one that goes before that takes the other with it.
      if (hadError || !source.readableEnded || !source.writableFinished) this.#finish('reset')
      else if (destination.closed) this.#finish('ended')
    })
  }

  /** The client's side of the wire is what counts: what it sends when it comes, what it is sent when it goes. */
  #take(direction: Direction, bytes: Buffer): void {
    this.#movedMs = this.#host.clock.now()
    if (direction === 'up') {
      this.#requests.push(bytes)
      this.#host.moved(this, 'up', bytes)
      if (this.#isOver) return
    } else if (this.#spoil(bytes)) {
      return
    }
    this.#lanes[direction].push(bytes)
  }

  #write(destination: Socket, direction: Direction, bytes: Uint8Array): boolean {
    this.#movedMs = this.#host.clock.now()
    if (direction === 'down') this.#host.moved(this, 'down', bytes)
    return this.#isOver || destination.write(bytes)
  }

  #end(destination: Socket, direction: Direction): void {
    const last = direction === 'down' ? this.#lastPiece : undefined
    if (last === undefined) {
      destination.end()
      return
    }
    // Behind what the socket still holds.
    destination.write('', () => {
      this.cut()
      last.done()
    })
  }

  /** True when this piece of the target's is the connection's last, and only its beginning is passed on. */
  #spoil(bytes: Buffer): boolean {
    if (this.#lastPiece !== undefined) return true
    const cut = this.#host.cutOf(bytes.length)
    if (cut === undefined) return false
    this.#lastPiece = cut
    this.#target.pause()
    if (cut.keptBytes > 0) this.#lanes.down.push(bytes.subarray(0, cut.keptBytes))
    this.#lanes.down.finish()
    return true
  }

  #armIdle(): void {
    const { idleTimeoutMs } = this.#host.conditions()
    this.#cancelIdle?.()
    this.#cancelIdle = this.#deadline(idleTimeoutMs, this.#movedMs, () => {
      // What has moved since then puts it off; one timer serves them all.
      if (this.#host.clock.now() - this.#movedMs >= idleTimeoutMs) this.#finish('idle')
      else this.#armIdle()
    })
  }

  #deadline(ms: number, sinceMs: number, run: () => void): (() => void) | undefined {
    if (ms === 0 || this.#isOver) return undefined
    return this.#host.clock.after(Math.max(0, sinceMs + ms - this.#host.clock.now()), run)
  }

  #finish(why: Ending): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelCut?.()
    this.#cancelIdle?.()
    this.#lanes.up.close()
    this.#lanes.down.close()
    for (const socket of [this.#client, this.#target]) {
      if (why === 'cut' || why === 'reset') reset(socket)
      else socket.destroy()
    }
    this.#host.over(this, why)
  }
}
