// A WebSocket on a real socket, for either role: the protocol core joined to a net or tls socket, with backpressure and
// deadlines. All connections share one set of listeners and one timer; what a connection hears goes to its handler.
// It retries nothing and reconnects nowhere.

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Connection, Opcode, type CloseEvent } from '../websocket/index.ts'
import { deadlines, TICK_MS, type Timed } from './deadline.ts'
import { Outbound, type OutboundOwner } from './outbound.ts'
import type { WireSettings } from './settings.ts'

/** What a connection tells its owner. One object may serve any number of connections. */
export interface SocketHandler {
  /** A message: a string if it was text, bytes if it was binary. The bytes are the handler's to keep. */
  message(socket: WebSocketConnection, data: string | Uint8Array): void
  /** Less than the high-water mark waits to be written, after it was reached. */
  drain?(socket: WebSocketConnection): void
  /**
   * The connection is over; called exactly once. `code` is the peer's (1005 if it gave none), 1006 if no Close frame
   * came, or the code that this side failed it with.
   */
  close(socket: WebSocketConnection, code: number, reason: string): void
  /** A Ping, already answered; the payload is valid until the handler returns. */
  ping?(socket: WebSocketConnection, payload: Uint8Array): void
  /** A Pong; the payload is valid until the handler returns. */
  pong?(socket: WebSocketConnection, payload: Uint8Array): void
  /** Why the connection is about to close, for a log: a FrameError of the peer or an error of the socket. */
  error?(socket: WebSocketConnection, error: Error): void
}

export interface ConnectionIdentity {
  readonly settings: WireSettings
  readonly handler: SocketHandler
  readonly protocol: string
}

/** The private close code for a peer that does not read. */
const SLOW_CONSUMER = 4008
/** A binary message may keep at most this many times its own size of the read buffer alive; else it is copied. */
const MAX_PINNING = 4

const link = Symbol('connection')
type LinkedSocket = Duplex & { [link]?: WebSocketConnection }

export class WebSocketConnection implements Timed, OutboundOwner {
  /** A free slot for the owner. */
  data: unknown = undefined
  handler: SocketHandler
  /** The chosen subprotocol, '' for none. */
  readonly protocol: string
  messagesReceived = 0
  messagesSent = 0
  /** For the deadline sweep. */
  dueTick = 0

  private readonly socket: LinkedSocket
  private readonly settings: WireSettings
  private readonly core: Connection
  private readonly outbound: Outbound
  private paused = false
  private awaitingPong = false
  private pongOverdue = false
  private heardTick = 0
  private pingedTick = 0
  private progressTick = 0
  private verdict: CloseEvent | undefined

  /** Takes over a socket on which the handshake is done; `accept` and `dial` call it. Reads nothing before `start`. */
  constructor(socket: Duplex, identity: ConnectionIdentity) {
    this.socket = socket
    this.settings = identity.settings
    this.handler = identity.handler
    this.protocol = identity.protocol
    this.core = new Connection(identity.settings)
    this.outbound = new Outbound(socket, this)
    this.socket[link] = this
    socket.on('error', onError).on('close', onClose)
  }

  get remoteAddress(): string | undefined {
    return (this.socket as Partial<Socket>).remoteAddress
  }

  /** Bytes that were sent and that the kernel has not taken. */
  get bufferedBytes(): number {
    return this.outbound.bufferedBytes
  }

  /** Whether it is open and below its high-water mark. Above it `send` still works; `drain` says when to go on. */
  get writable(): boolean {
    return this.core.state.name === 'open' && !this.outbound.over
  }

  get state(): 'open' | 'closing' | 'closed' {
    return this.core.state.name
  }

  get highWaterMarkBytes(): number {
    return this.settings.highWaterMarkBytes
  }

  get maskKey(): (() => number) | undefined {
    return this.settings.maskKey
  }

  /**
   * Sends one message; it is written with all others of this turn. Ignored unless open. Large bytes are not copied and
   * must not change afterwards.
   */
  send(data: string | Uint8Array): void {
    if (this.core.state.name !== 'open') return
    this.messagesSent++
    if (typeof data === 'string') this.outbound.text(data)
    else this.outbound.bytes(Opcode.binary, data)
  }

  /**
   * Sends complete unmasked frames (see encodeMessage), which may be shared by any number of connections and must never
   * change; `count` is how many messages they are. For servers; ignored unless open.
   */
  sendEncoded(frames: Uint8Array, count = 1): void {
    if (this.settings.role === 'client')
      throw new TypeError('a client cannot send frames that are not masked')
    if (this.core.state.name !== 'open') return
    this.messagesSent += count
    this.outbound.shared(frames)
  }

  /** Sends a Ping with up to 125 bytes; a CallerError beyond. */
  ping(payload?: Uint8Array): void {
    this.core.ping(payload)
    this.moveOutput()
  }

  /**
   * Begins the closing handshake; the handler's `close` follows, and no message before it. Without a code the Close
   * frame is empty. A CallerError if the code is not for the wire or the reason exceeds 123 bytes.
   */
  close(code?: number, reason?: string): void {
    if (this.core.state.name !== 'open') return
    this.core.close(code, reason)
    this.moveOutput()
    // A paused connection would never see the peer's Close frame.
    this.resume()
    deadlines.disarm(this)
    deadlines.arm(this, this.settings.closeTimeoutMs)
  }

  /** Ends the connection at once, without a closing handshake. The handler's `close` follows in a later turn. */
  destroy(): void {
    this.verdict ??= this.core.drop()
    this.socket.destroy()
  }

  /** Stops reading: no message is delivered until `resume`, and the peer feels it. */
  pause(): void {
    this.paused = true
    this.socket.pause()
  }

  /** Reads on, from the next turn. */
  resume(): void {
    if (this.paused) setImmediate(resumeReading, this)
  }

  /** Writes `answer`, if there is one, and reads from the next turn on; `head` came with the handshake. */
  start(answer: string, head: Uint8Array): void {
    if (answer !== '') this.outbound.shared(Buffer.from(answer, 'latin1'))
    if (head.length > 0) this.socket.unshift(head)
    setImmediate(startReading, this)
  }

  /** What `start` asked for, so that whoever awaits the connection can still choose its handler. */
  started(): void {
    if (this.socket.destroyed) return
    // Arming first: it brings the sweep's tick up to date.
    if (this.settings.pingIntervalMs > 0) deadlines.arm(this, this.settings.pingIntervalMs)
    this.heardTick = deadlines.tick
    this.socket.on('data', onData).on('end', onEnd)
  }

  /** Bytes from the peer. */
  receive(chunk: Uint8Array): void {
    this.heardTick = deadlines.tick
    this.awaitingPong = false
    if (this.core.pendingPongs > 0 && this.bufferedBytes === 0) this.core.pongsWritten()
    this.core.receive(chunk)
    this.pump()
  }

  /** The peer has ended its side. */
  receiveEnd(): void {
    const event = this.core.drop()
    if (event !== undefined) this.finish(event)
    else this.outbound.end()
  }

  /** What `resume` asked for, a turn later, so that no handler runs inside the call. */
  resumed(): void {
    if (!this.paused) return
    this.paused = false
    this.heardTick = deadlines.tick
    this.pump()
    if (!this.paused) this.socket.resume()
  }

  failed(error: Error): void {
    if (this.core.state.name !== 'closed') this.handler.error?.(this, error)
  }

  /** The socket is gone. */
  detached(): void {
    deadlines.disarm(this)
    const event = this.verdict ?? this.core.drop()
    this.verdict = undefined
    if (event !== undefined) this.finish(event)
  }

  filled(): void {
    deadlines.arm(this, this.settings.stallTimeoutMs)
    this.progressTick = deadlines.tick
  }

  progressed(): void {
    this.progressTick = deadlines.tick
  }

  drained(): void {
    if (this.core.state.name === 'open') this.handler.drain?.(this)
  }

  expire(): number {
    const state = this.core.state
    if (state.name === 'closed') {
      this.socket.destroy()
      return 0
    }
    if (state.name === 'closing') return this.condemn()
    const stallMs = this.outbound.over ? this.untilStall() : Infinity
    if (stallMs <= 0) return this.condemn(SLOW_CONSUMER, 'slow consumer')
    const pingMs = this.settings.pingIntervalMs > 0 ? this.untilPing() : Infinity
    if (pingMs <= 0) return this.condemn(1006, 'ping timeout')
    const nextMs = Math.min(stallMs, pingMs)
    return nextMs === Infinity ? 0 : nextMs
  }

  private pump(): void {
    const { core } = this
    try {
      while (!this.paused) {
        const event = core.next()
        if (event === undefined) break
        if (event.type === 'text') this.deliver(event.data)
        else if (event.type === 'binary') this.deliver(keep(event.data))
        else if (event.type === 'ping') this.pinged(event.payload)
        else if (event.type === 'pong') this.handler.pong?.(this, event.payload)
        else this.finish(event)
      }
    } catch (error) {
      // The handler threw in the middle of a chunk; what follows in it would be lost.
      this.destroy()
      throw error
    }
  }

  private deliver(data: string | Uint8Array): void {
    this.messagesReceived++
    if (this.core.state.name === 'open') this.handler.message(this, data)
  }

  private pinged(payload: Uint8Array): void {
    // At once, so that the pong stands before the answers to what follows in the chunk.
    this.moveOutput()
    if (this.core.pendingPongs >= this.settings.maxPendingPongs) {
      // A burst of pings is no fault if the pongs can leave.
      this.outbound.flush()
      if (this.bufferedBytes === 0) this.core.pongsWritten()
    }
    this.handler.ping?.(this, payload)
  }

  /** Hands the core's frames to the socket: pongs and Close frames. */
  private moveOutput(): void {
    const { output } = this.core
    if (output.length === 0) return
    this.core.output = []
    for (const frame of output) this.outbound.shared(frame)
  }

  private finish(event: CloseEvent): void {
    this.moveOutput()
    const { state } = this.core
    if (state.name === 'closed' && state.transport === 'destroy') {
      this.socket.destroy()
    } else {
      if (state.name === 'closed' && state.transport === 'end') this.outbound.end()
      // What else arrives is read and thrown away: unread bytes would turn our end into a reset.
      this.socket.resume()
      deadlines.disarm(this)
      deadlines.arm(this, this.settings.closeTimeoutMs)
    }
    if (event.error !== undefined) this.handler.error?.(this, event.error)
    this.handler.close(this, event.code, event.reason)
  }

  private condemn(code?: number, reason?: string): number {
    const event = this.core.drop(code, reason)
    this.socket.destroy()
    if (event !== undefined) this.finish(event)
    return 0
  }

  private untilStall(): number {
    return this.settings.stallTimeoutMs - (deadlines.tick - this.progressTick) * TICK_MS
  }

  /** How long until a ping or its pong is due; 0 when the peer is gone. */
  private untilPing(): number {
    const { pingIntervalMs, pongTimeoutMs } = this.settings
    if (this.paused) return pingIntervalMs
    const silentMs = (deadlines.tick - this.heardTick) * TICK_MS
    if (!this.awaitingPong) {
      if (silentMs < pingIntervalMs) return pingIntervalMs - silentMs
      this.ping()
      this.awaitingPong = true
      this.pongOverdue = false
      this.pingedTick = deadlines.tick
      return pongTimeoutMs
    }
    const leftMs = pongTimeoutMs - (deadlines.tick - this.pingedTick) * TICK_MS
    if (leftMs > 0) return leftMs
    // Timers run before sockets are read: after a long turn the pong may be there, unread. One more tick tells.
    if (this.pongOverdue) return 0
    this.pongOverdue = true
    return TICK_MS
  }
}

/** Bytes that outlive the turn: the read buffer's own if they are most of it, else a copy. */
function keep(data: Uint8Array): Uint8Array {
  return data.buffer.byteLength > MAX_PINNING * data.length ? Buffer.from(data) : data
}

function startReading(connection: WebSocketConnection): void {
  connection.started()
}

function resumeReading(connection: WebSocketConnection): void {
  connection.resumed()
}

function onData(this: LinkedSocket, chunk: Uint8Array): void {
  this[link]!.receive(chunk)
}

function onEnd(this: LinkedSocket): void {
  this[link]!.receiveEnd()
}

function onError(this: LinkedSocket, error: Error): void {
  this[link]!.failed(error)
}

function onClose(this: LinkedSocket): void {
  this[link]!.detached()
}
