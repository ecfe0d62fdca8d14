/**
 * A WebSocket over a wire, as both ends see it: the socket that the client's transport asks for, and the connection
 * that a carrier writes to. What a turn writes leaves at its end, as frames in one run of bytes, which the network
 * may split anywhere. The node pings, and lets go of who does not answer or does not read.
 */
import type { Socket, SocketEvents } from '../../src/client/transports/socket.ts'
import { TransportError } from '../../src/client/errors.ts'
import { encodeMessage, type WebSocketConnection } from '../../src/wire/index.ts'
import { Wire, type Path } from './wire.ts'

/** Bytes that a system takes from a process although nobody has read them. */
const KERNEL_BYTES = 2_048

export interface SocketServer {
  /** A connection stands; the result hears what comes in on it. */
  readonly accept: (connection: WebSocketConnection) => {
    message(data: string | Uint8Array): void
    drained(): void
    closed(): void
  }
  readonly highWaterBytes: number
  readonly boundBytes: number
  readonly exceeded: (what: string, bytes: number) => void
  /** Silence after which a peer is given up, and time above the mark without progress, milliseconds. */
  readonly silenceMs: number
  readonly stallMs: number
}

/** The node's end: what a carrier uses of a `WebSocketConnection`. */
class Connection {
  data: unknown
  state: 'open' | 'closed' = 'open'
  readonly #path: Path
  readonly #wire: Wire
  readonly #server: SocketServer
  readonly #deliver: (piece: Uint8Array) => void
  readonly #carrier: ReturnType<SocketServer['accept']>
  readonly #waiting: (string | Uint8Array)[] = []
  #unsent: Uint8Array[] = []
  #unsentBytes = 0
  #paused = false
  #resuming = false
  #over = false
  #progressMs = 0

  constructor(
    path: Path,
    wire: Wire,
    options: { server: SocketServer; deliver: (piece: Uint8Array) => void },
  ) {
    this.#path = path
    this.#wire = wire
    this.#server = options.server
    this.#deliver = options.deliver
    this.#carrier = options.server.accept(this as unknown as WebSocketConnection)
    this.#watch()
  }

  get bufferedBytes(): number {
    return this.#unsentBytes + Math.max(0, this.#wire.towardsClient - KERNEL_BYTES)
  }

  get writable(): boolean {
    return this.state === 'open' && !this.#over
  }

  send(data: string | Uint8Array): void {
    this.sendEncoded(encodeMessage(data))
  }

  sendEncoded(frames: Uint8Array): void {
    if (this.state !== 'open') return
    if (this.#unsent.length === 0) this.#defer(() => this.#flush())
    this.#unsent.push(frames)
    this.#unsentBytes += frames.length
    if (this.bufferedBytes > this.#server.boundBytes) this.#server.exceeded('a socket', this.bufferedBytes)
    if (this.bufferedBytes < this.#server.highWaterBytes || this.#over) return
    this.#over = true
    this.#progressMs = this.#path.clock.nowMs
  }

  close(): void {
    if (this.state !== 'open') return
    this.#flush()
    this.state = 'closed'
    this.#wire.closeNode()
    this.#defer(() => this.#carrier.closed())
  }

  pause(): void {
    this.#paused = true
  }

  /** Reads on from the next turn, also when it has been paused again meanwhile. */
  resume(): void {
    if (!this.#paused || this.#resuming) return
    this.#resuming = true
    this.#defer(() => {
      this.#resuming = this.#paused = false
      while (!this.#paused && this.#waiting.length > 0) this.#message(this.#waiting.shift() as string)
    })
  }

  receive(data: string | Uint8Array): void {
    if (this.#paused) this.#waiting.push(data)
    else this.#message(data)
  }

  /** Some of what waits has been read. */
  taken(): void {
    this.#progressMs = this.#path.clock.nowMs
    if (!this.#over || this.bufferedBytes >= this.#server.highWaterBytes) return
    this.#over = false
    if (this.state === 'open') this.#carrier.drained()
  }

  ended(): void {
    if (this.state !== 'open') return
    this.state = 'closed'
    this.#carrier.closed()
  }

  #message(data: string | Uint8Array): void {
    if (this.state === 'open') this.#carrier.message(data)
  }

  #flush(): void {
    const unsent = this.#unsent
    if (unsent.length === 0) return
    this.#unsent = []
    this.#unsentBytes = 0
    this.#wire.down(unsent.length === 1 ? (unsent[0] as Uint8Array) : Buffer.concat(unsent), this.#deliver)
  }

  /** The node's pings and its deadline for whoever does not read, as one look now and then. */
  #watch(): void {
    const { clock, network } = this.#path
    clock.after(network, this.#server.stallMs, () => {
      if (this.state !== 'open' || this.#wire.over) return
      const idleMs = clock.nowMs - this.#progressMs
      if (
        (this.#wire.silent && idleMs > this.#server.silenceMs) ||
        (this.#over && idleMs > this.#server.stallMs)
      )
        this.#wire.cut()
      this.#watch()
    })
  }

  #defer(run: () => void): void {
    this.#path.clock.after(this.#path.network, 0, run)
  }
}

export interface DialOptions {
  readonly path: Path
  readonly server: () => SocketServer | undefined
  readonly events: SocketEvents
}

/** @returns the wire, and the client's end. */
export const dialOver = ({ path, server, events }: DialOptions): { wire: Wire; socket: Socket } => {
  let connection: Connection | undefined
  let opened = false
  const reader = new FrameReader((data) => {
    path.detail(() => `ws < ${String(data)}`)
    events.message(data)
  })
  const wire = new Wire(path, {
    client: () => {
      path.detail(() => 'ws is cut')
      const refused = (): TransportError => new TransportError('unreachable', 'it was refused')
      events.close(1006, opened ? undefined : refused())
    },
    node: () => connection?.ended(),
    taken: () => connection?.taken(),
  })
  wire.up(() => {
    const listening = server()
    if (listening === undefined) return wire.cut()
    connection = new Connection(path, wire, { server: listening, deliver: (piece) => reader.push(piece) })
    wire.down(new Uint8Array(0), () => {
      opened = true
      events.open()
    })
  })
  const socket: Socket = {
    send: (data) => {
      path.detail(() => `ws > ${String(data)}`)
      if (!wire.clientGone) wire.up(() => connection?.receive(data))
    },
    close: () => {
      path.detail(() => 'ws is closed')
      wire.closeClient()
    },
  }
  return { wire, socket }
}

/** Takes messages out of a run of unmasked frames, however it was split: one frame each, as this node writes them. */
class FrameReader {
  readonly #message: (data: string | Uint8Array) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(message: (data: string | Uint8Array) => void) {
    this.#message = message
  }

  push(piece: Uint8Array): void {
    let rest = this.#rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#rest, piece])
    for (;;) {
      const frame = frameOf(rest)
      if (frame === undefined) break
      rest = rest.subarray(frame.end)
      this.#message(frame.data)
    }
    this.#rest = rest
  }
}

const frameOf = (bytes: Buffer): { data: string | Uint8Array; end: number } | undefined => {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] as number) & 0x7f
  const head = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < head) return undefined
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  const end = head + length
  if (bytes.length < end) return undefined
  const payload = bytes.subarray(head, end)
  return { data: ((bytes[0] as number) & 0x0f) === 1 ? payload.toString() : new Uint8Array(payload), end }
}
