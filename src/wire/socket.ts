// A WebSocket on a real socket, for either role: the protocol core joined to a net or tls socket, with backpressure and
// deadlines. All connections share one set of listeners and one timer; what a connection hears goes to its handler.
// It retries nothing and reconnects nowhere.

import type { Duplex } from 'node:stream'
import {
  CallerError,
  CloseCode,
  Connection,
  FIN,
  Opcode,
  RSV1,
  type CloseEvent,
  type PartEvent,
} from '../websocket/index.ts'
import { cutOff, remoteAddressOf } from './carrier.ts'
import { CloseError, type CloseInfo } from './close-error.ts'
import type { WebSocketConnection } from './connection.ts'
import type { SocketHandler } from './handler.ts'
import { Liveness, type LivenessOwner, type Verdict } from './liveness.ts'
import { Extras, type Held } from './extras.ts'
import { Inbox } from './inbox.ts'
import type { PreparedMessage } from './message.ts'
import { MessageStream } from './message-stream.ts'
import { Outbound, type OutboundOwner } from './outbound.ts'
import { OutgoingMessage, type FragmentSink } from './outgoing-message.ts'
import type { PerMessageDeflate } from './per-message-deflate.ts'
import type { WireSettings } from './settings.ts'
import { isShared, passing, shareReads } from './shared-reads.ts'

export interface ConnectionIdentity {
  readonly settings: WireSettings
  /** Without one, messages wait for an iteration. */
  readonly handler?: SocketHandler | undefined
  readonly protocol: string
  /** If permessage-deflate was negotiated. */
  readonly deflate?: PerMessageDeflate | undefined
}

/** The private close code for a peer that does not read. */
const SLOW_CONSUMER = 4008
/** A binary message may keep at most this many times its own size of the read buffer alive; else it is copied. */
const MAX_PINNING = 4

/** How many turns of the event loop pongs have to leave before the next ping may be one too many. */
const PONG_GRACE_TURNS = 4

const link = Symbol('connection')
type LinkedSocket = Duplex & { [link]?: SocketConnection }

/** What `accept` and `dial` make; its users see the interface, the members beyond it are for this room. */
export class SocketConnection implements WebSocketConnection, OutboundOwner, LivenessOwner, FragmentSink {
  data: unknown = undefined
  handler: SocketHandler
  readonly protocol: string
  readonly deflate: PerMessageDeflate | undefined
  messagesReceived = 0
  messagesSent = 0

  private readonly socket: LinkedSocket
  private readonly settings: WireSettings
  private readonly core: Connection
  private readonly outbound: Outbound
  private readonly liveness: Liveness
  private paused = false
  /** Turns that are still left for pongs to leave in; 0 when nothing waits for that. */
  private grace = 0
  private verdict: CloseEvent | undefined
  /** What few connections ever need, so that the others do not pay for it. */
  private extras: Extras | undefined

  /** Takes over a socket on which the handshake is done; `accept` and `dial` call it. Reads nothing before `start`. */
  constructor(socket: Duplex, identity: ConnectionIdentity) {
    this.socket = socket
    this.settings = identity.settings
    this.handler = identity.handler ?? new Inbox()
    this.protocol = identity.protocol
    this.deflate = identity.deflate
    this.core = new Connection(identity.settings, identity.deflate)
    this.outbound = new Outbound(socket, this)
    this.liveness = new Liveness(identity.settings, this)
    this.socket[link] = this
    socket.on('error', onError).on('close', onClose)
  }

  get remoteAddress(): string | undefined {
    return remoteAddressOf(this.socket)
  }

  get bufferedBytes(): number {
    return this.outbound.bufferedBytes + (this.extras?.heldBytes ?? 0)
  }

  get writable(): boolean {
    if (this.core.state.name !== 'open' || this.outbound.over) return false
    return this.extras === undefined || this.extras.heldBytes < this.settings.highWaterMarkBytes
  }

  get state(): 'open' | 'closing' | 'closed' {
    return this.core.state.name
  }

  get isPaused(): boolean {
    return this.paused
  }

  get isOver(): boolean {
    return this.outbound.over
  }

  get highWaterMarkBytes(): number {
    return this.settings.highWaterMarkBytes
  }

  get maskKey(): (() => number) | undefined {
    return this.settings.maskKey
  }

  send(data: string | Uint8Array): boolean {
    if (this.core.state.name !== 'open') return false
    if (this.extras?.outgoing !== undefined) return this.hold(this.extras, data)
    this.messagesSent++
    if (this.deflate?.suits(data.length)) this.sendDeflated(data, this.deflate)
    else if (typeof data === 'string') this.outbound.text(data)
    else this.outbound.frame(FIN | Opcode.binary, data)
    return !this.outbound.over
  }

  private sendDeflated(data: string | Uint8Array, deflate: PerMessageDeflate): void {
    const text = typeof data === 'string'
    const payload = text ? Buffer.from(data) : data
    const opcode = text ? Opcode.text : Opcode.binary
    const deflated = deflate.deflate(payload)
    if (deflated === undefined) this.outbound.frame(FIN | opcode, payload)
    else this.outbound.frame(FIN | RSV1 | opcode, deflated)
  }

  sendPrepared(message: PreparedMessage): boolean {
    const { deflate, settings } = this
    // Masked or with a context of its own, it cannot be what others are sent.
    if (settings.role === 'client' || deflate?.shared === false) return this.send(message.data)
    this.sendEncoded(message.frame(deflate))
    return this.writable
  }

  sendEncoded(frames: Uint8Array, count = 1): void {
    if (this.settings.role === 'client')
      throw new TypeError('a client cannot send frames that are not masked')
    if (this.core.state.name !== 'open') return
    if (this.extras?.outgoing !== undefined) return void this.hold(this.extras, { frames, count })
    this.messagesSent += count
    this.outbound.shared(frames)
  }

  startMessage(type: 'text' | 'binary'): OutgoingMessage {
    const extras = (this.extras ??= new Extras())
    if (extras.outgoing !== undefined)
      throw new CallerError('message-under-way', 'another message is being sent in fragments')
    return (extras.outgoing = new OutgoingMessage(this, type))
  }

  async sendFrom(
    source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
    type: 'text' | 'binary',
  ): Promise<void> {
    const message = this.startMessage(type)
    try {
      for await (const piece of source) if (!message.write(piece)) await message.drained()
    } catch (error) {
      this.close(CloseCode.internalError)
      throw error
    }
    message.end()
  }

  fragment(first: number, payload: Uint8Array): boolean {
    if (this.core.state.name !== 'open') return false
    this.outbound.frame(first, payload)
    return !this.outbound.over
  }

  untilRoom(): Promise<void> {
    if (this.core.state.name !== 'open') return Promise.reject(new CloseError(this.closeInfo))
    return this.outbound.over ? this.extras!.untilRoom() : Promise.resolve()
  }

  messageEnded(): void {
    this.messagesSent++
    for (const waiting of this.extras!.release()) {
      if (typeof waiting === 'object' && 'frames' in waiting) this.sendEncoded(waiting.frames, waiting.count)
      else this.send(waiting)
    }
    if (this.writable) this.extras!.becameWritable()
  }

  private hold(extras: Extras, waiting: Held): boolean {
    extras.hold(waiting)
    return this.writable
  }

  drained(): Promise<void> {
    if (this.core.state.name !== 'open') return Promise.reject(new CloseError(this.closeInfo))
    return this.writable ? Promise.resolve() : (this.extras ??= new Extras()).untilWritable()
  }

  get closed(): Promise<CloseInfo> {
    if (this.core.state.name === 'closed') return Promise.resolve(this.closeInfo)
    return (this.extras ??= new Extras()).untilOver()
  }

  private get closeInfo(): CloseInfo {
    const { state } = this.core
    if (state.name === 'closed') return { code: state.code, reason: state.reason }
    return { code: CloseCode.noStatus, reason: 'it is being closed by this side' }
  }

  [Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, undefined> {
    const { handler } = this
    if (!(handler instanceof Inbox))
      throw new TypeError('its messages go to its handler: accept or dial without one')
    return handler.iterate(this)
  }

  ping(payload?: Uint8Array): void {
    this.core.ping(payload)
    this.moveOutput()
  }

  close(code?: number, reason?: string): void {
    if (this.core.state.name !== 'open') return
    this.core.close(code, reason)
    this.moveOutput()
    this.extras?.becameUnwritable(this.closeInfo)
    // A paused connection would never see the peer's Close frame.
    this.resume()
    this.liveness.watchClose()
  }

  destroy(): void {
    this.verdict ??= this.core.drop()
    cutOff(this.socket)
  }

  pause(): void {
    this.paused = true
    this.socket.pause()
  }

  resume(): void {
    if (this.paused) setImmediate(resumeReading, this)
  }

  /** Writes `answer`, if there is one, and reads from the next turn on; `head` came with the handshake. */
  start(answer: string, head: Uint8Array): void {
    // Not with the rest of the turn: nothing else is there to join it as a rule, and as a string it costs less.
    if (answer !== '') this.socket.write(answer, 'latin1')
    if (head.length > 0) this.socket.unshift(head)
    if (starting.length === 0) setImmediate(startReading)
    starting.push(this)
  }

  /** What `start` asked for, so that whoever awaits the connection can still choose its handler. */
  started(): void {
    // Destroyed in between, it must not be watched: the sweep would hold it for nothing.
    if (this.socket.destroyed) return this.detached()
    this.core.parts = this.handler.stream !== undefined
    this.liveness.begin()
    shareReads(this.socket, readShared)
    this.socket.on('data', onData).on('end', onEnd)
    // Whoever handed it over may have paused it until now.
    if (!this.paused) this.socket.resume()
    // A stream of HTTP/2 whose answer was also its end has said so already.
    if (this.socket.readableEnded) this.receiveEnd()
  }

  /** Bytes from the peer. */
  receive(chunk: Uint8Array): void {
    this.liveness.heard()
    if (this.core.pendingPongs > 0 && this.bufferedBytes === 0) this.core.pongsWritten()
    this.core.receive(chunk)
    this.pump()
    // What is left waits until the handler goes on, while others read.
    if ((this.paused || this.grace > 0) && isShared(chunk)) this.core.keepRest()
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
    this.liveness.heard()
    this.readOn()
  }

  /** A turn has passed since pongs were handed over that had not left. */
  graceOver(): void {
    if (this.bufferedBytes === 0) this.core.pongsWritten()
    else if (--this.grace > 0) return void setImmediate(endGrace, this)
    this.grace = 0
    if (!this.paused) this.readOn()
  }

  private readOn(): void {
    this.pump()
    if (!this.paused && this.grace === 0) this.socket.resume()
  }

  failed(error: Error): void {
    if (this.core.state.name !== 'closed') this.handler.error?.(this, error)
  }

  /** The socket is gone. */
  detached(): void {
    this.liveness.end()
    const event = this.verdict ?? this.core.drop()
    this.verdict = undefined
    if (event !== undefined) this.finish(event)
  }

  filled(): void {
    this.liveness.watchProgress()
  }

  progressed(): void {
    this.liveness.progressed()
  }

  emptied(): void {
    if (this.core.state.name !== 'open') return
    this.extras?.gotRoom()
    if (this.writable) this.extras?.becameWritable()
    this.handler.drain?.(this)
  }

  timedOut(verdict: Verdict): void {
    const event = verdict === 'stalled' ? this.core.drop(SLOW_CONSUMER, 'slow consumer') : this.core.drop()
    cutOff(this.socket)
    if (event !== undefined) this.finish(event)
  }

  private pump(): void {
    const { core } = this
    try {
      while (!this.paused && this.grace === 0) {
        const event = core.next()
        if (event === undefined) break
        if (event.type === 'text') this.deliver(event.data)
        else if (event.type === 'binary') this.deliver(keep(event.data))
        else if (event.type === 'ping') this.pinged(event.payload)
        else if (event.type === 'pong') this.handler.pong?.(this, keep(event.payload))
        else if (event.type === 'part') this.deliverPart(event)
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
    if (this.core.state.name === 'open') this.handler.message?.(this, data)
  }

  private deliverPart({ text, data, last }: PartEvent): void {
    const extras = (this.extras ??= new Extras())
    let { incoming } = extras
    if (incoming === undefined && this.core.state.name === 'open') {
      incoming = new MessageStream(this, text ? 'text' : 'binary', this.settings.highWaterMarkBytes)
      extras.incoming = incoming
      this.handler.stream!(this, incoming)
    }
    if (last) {
      this.messagesReceived++
      extras.incoming = undefined
    }
    incoming?.arrive(keep(data), last)
  }

  private pinged(payload: Uint8Array): void {
    // At once, so that the pong stands before the answers to what follows in the chunk.
    this.moveOutput()
    if (this.core.pendingPongs >= this.settings.maxPendingPongs) {
      // A burst of pings is no fault if the pongs can leave; over TLS and HTTP/2 they do so a turn or two later.
      this.outbound.flush()
      if (this.bufferedBytes === 0) this.core.pongsWritten()
      else this.giveGrace()
    }
    this.handler.ping?.(this, keep(payload))
  }

  private giveGrace(): void {
    this.grace = PONG_GRACE_TURNS
    this.socket.pause()
    setImmediate(endGrace, this)
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
      cutOff(this.socket)
    } else {
      if (state.name === 'closed' && state.transport === 'end') this.outbound.end()
      // What else arrives is still read, and thrown away: unread bytes would turn our end into a reset.
      this.liveness.watchClose()
    }
    if (event.error !== undefined) this.handler.error?.(this, event.error)
    this.handler.close?.(this, event.code, event.reason)
    this.extras?.ended(event)
  }
}

/** Bytes that outlive the turn: the read buffer's own if they are most of it and nobody else's, else a copy. */
function keep(data: Uint8Array): Uint8Array {
  return isShared(data) || data.buffer.byteLength > MAX_PINNING * data.length ? Buffer.from(data) : data
}

/** What begins to read at the end of this turn, all of it at once. */
let starting: SocketConnection[] = []

function startReading(): void {
  const begun = starting
  starting = []
  let at = 0
  try {
    while (at < begun.length) begun[at++]!.started()
  } finally {
    // Whoever threw keeps nobody else from reading.
    if (at < begun.length) {
      if (starting.length === 0) setImmediate(startReading)
      starting.push(...begun.slice(at))
    }
  }
}

function resumeReading(connection: SocketConnection): void {
  connection.resumed()
}

function endGrace(connection: SocketConnection): void {
  connection.graceOver()
}

function onData(this: LinkedSocket, chunk: Uint8Array): void {
  this[link]!.receive(chunk)
}

const readShared = passing(onData)

function onEnd(this: LinkedSocket): void {
  this[link]!.receiveEnd()
}

function onError(this: LinkedSocket, error: Error): void {
  this[link]!.failed(error)
}

function onClose(this: LinkedSocket): void {
  this[link]!.detached()
}
