// The lane in front of node:http for requests that are plain (plain-head.ts) and have somebody who takes them: read from
// the socket in place, answered in one write, without the parser, the streams and the timers that node:http keeps for
// each connection. Whatever else comes is handed on, with its connection and every byte of it, to node:http, which
// then has it for good: its limits are the limits. It also tells HTTP/2 by its preface.

import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Roster } from '../roster/index.ts'
import { deadlines, TICK_MS, type Timed } from './deadline.ts'
import { PlainRequest, PlainResponse, type PlainResponseOwner } from './plain-exchange.ts'
import { type KnownFields, knownFields, type PlainHead, readPlainHead } from './plain-head.ts'
import { isPreface, mayBecomePreface } from './preface.ts'
import { kept, passing, shareReads } from './shared-reads.ts'
import { TcpSocket } from './tcp-socket.ts'

/** Whoever takes requests. What it is given looks like node:http's, and is what this house uses of it. */
export interface PlainDoor {
  /** Whether it takes requests for this path, with its query. */
  owns(url: string): boolean
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface PlainLaneOptions {
  readonly door: PlainDoor | undefined
  /** How long a connection may take until it has said something. */
  readonly firstBytesMs: number
  /** How long one may stay between two requests. */
  readonly keepAliveMs: number
  /** Goes on with a connection that is not for this lane. */
  readonly serveHttp1: (socket: Socket) => void
  /** Undefined where the version has been agreed on already. */
  readonly serveHttp2: ((socket: Socket) => void) | undefined
}

/** Whoever watches the requests of node:http hears of these too. */
const requestStart = channel('http.server.request.start')

/** Larger bodies are node:http's. */
const MOST_BODY_BYTES = 65_536
/** What comes behind a request that is being answered: beyond it nothing is read until the answer is given. */
const MOST_WAITING_BYTES = 16_384
/** A client that does not know yet that the server is closing may have sent one more request. */
const LAST_REQUEST_MS = 100
const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'
const NOTHING: Buffer = Buffer.alloc(0)

const link = Symbol('plain')
type LinkedSocket = Socket & { [link]?: PlainConnection | undefined }

export class PlainLane {
  readonly options: PlainLaneOptions
  readonly keepAliveFields: string
  readonly connections: Roster<'lanePlace', PlainConnection> = new Roster('lanePlace')
  isClosing = false

  constructor(options: PlainLaneOptions) {
    this.options = options
    const seconds = Math.floor(options.keepAliveMs / 1_000)
    this.keepAliveFields = `connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n`
  }

  take(socket: Socket): void {
    this.connections.add(new PlainConnection(socket, this))
  }

  /** Ends connections that have no request under way, and the others when they have none for a moment. */
  close(): void {
    this.isClosing = true
    for (const connection of this.connections) connection.endIfIdle()
  }
}

class PlainConnection implements Timed, PlainResponseOwner {
  dueTick = 0
  lanePlace = -1
  private readonly socket: LinkedSocket
  private readonly lane: PlainLane
  private response: PlainResponse | undefined
  /** Bytes that are not a request yet, or that came behind the one that is being answered. */
  private waiting: Buffer = NOTHING
  private quietSinceTick: number
  private isFirst = true
  private isKeptAlive = false
  private known: KnownFields | undefined

  constructor(socket: Socket, lane: PlainLane) {
    this.socket = socket
    this.lane = lane
    this.socket[link] = this
    shareReads(socket, readShared)
    deadlines.arm(this, lane.options.firstBytesMs)
    this.quietSinceTick = deadlines.tick
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose).on('drain', onDrain)
  }

  get keepAliveFields(): string {
    return this.lane.keepAliveFields
  }

  receive(chunk: Buffer): void {
    const { waiting } = this
    const bytes = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    if (this.response === undefined) return this.read(bytes, waiting.length > 0)
    this.waiting = kept(bytes)
    if (bytes.length > MOST_WAITING_BYTES) this.socket.pause()
  }

  /** @param again what has come before was not a whole request. */
  private read(bytes: Buffer, again: boolean): void {
    this.waiting = NOTHING
    if (this.isFirst && this.lane.options.serveHttp2 !== undefined) {
      if (mayBecomePreface(bytes)) return void (this.waiting = kept(bytes))
      if (isPreface(bytes)) return this.handOver(bytes, this.lane.options.serveHttp2)
    }
    const head = readPlainHead(bytes, this.known)
    if (head === undefined || !this.takes(head)) return this.handOver(bytes, this.lane.options.serveHttp1)
    if (head.fields.upgrade) return this.upgrade(head, bytes)
    if (this.known?.fields !== head.fields) this.known = knownFields(bytes, head)
    const end = head.end + head.bodyBytes
    if (end > bytes.length && !again) return void (this.waiting = kept(bytes))
    // A body that comes in many pieces, or a request behind this one already.
    if (end !== bytes.length) return this.handOver(bytes, this.lane.options.serveHttp1)
    this.isFirst = false
    // A view would keep the bytes of the head for as long as the request is held.
    const body = head.bodyBytes === 0 ? NOTHING : kept(bytes.subarray(head.end, end))
    this.serve(new PlainRequest(head, this.socket, body))
  }

  private takes({ url, bodyBytes }: PlainHead): boolean {
    return bodyBytes <= MOST_BODY_BYTES && this.lane.options.door?.owns(url) === true
  }

  private serve(request: PlainRequest): void {
    const response = new PlainResponse(request, this)
    this.response = response
    if (requestStart.hasSubscribers) requestStart.publish({ request, response, socket: this.socket })
    this.lane.options.door!.request(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    )
  }

  private upgrade(head: PlainHead, bytes: Buffer): void {
    const { socket } = this
    this.leave()
    // Only the stream: it is read on in this turn as a rule, and the kernel need not hear of it.
    pauseStream(socket)
    const request = new PlainRequest(head, socket, NOTHING)
    this.lane.options.door!.upgrade(
      request as unknown as IncomingMessage,
      socket,
      head.end === bytes.length ? NOTHING : kept(bytes.subarray(head.end)),
    )
  }

  private handOver(bytes: Buffer, serve: (socket: Socket) => void): void {
    this.leave()
    const socket = this.socket instanceof TcpSocket ? this.socket.release() : this.socket
    socket.pause()
    if (bytes.length > 0) socket.unshift(kept(bytes))
    serve(socket)
    // An HTTP/2 session has taken what was there, and reads below the stream from now on.
    if (serve === this.lane.options.serveHttp1) socket.resume()
  }

  /** From now on the connection is somebody else's. */
  private leave(): void {
    const { socket } = this
    deadlines.disarm(this)
    this.lane.connections.delete(this)
    socket[link] = undefined
    shareReads(socket)
    socket
      .off('data', onData)
      .off('end', onEnd)
      .off('error', onError)
      .off('close', onClose)
      .off('drain', onDrain)
  }

  answered(keepAlive: boolean): void {
    this.response = undefined
    this.quietSinceTick = deadlines.tick
    if (this.lane.isClosing) deadlines.arm(this, LAST_REQUEST_MS)
    // Once: from then on it is asked in time, and looks at the clock itself.
    else if (!this.isKeptAlive) deadlines.arm(this, this.lane.options.keepAliveMs)
    this.isKeptAlive = true
    if (!keepAlive) this.socket.end()
    else if (this.waiting.length > 0) setImmediate(readWaiting, this)
  }

  readWaiting(): void {
    const { socket } = this
    // It may have gone, and `closed` be still to come.
    if (this.response !== undefined || socket[link] !== this || socket.destroyed) return
    if (this.waiting.length === 0) return
    socket.resume()
    this.read(this.waiting, false)
  }

  endIfIdle(): void {
    if (this.response === undefined) this.socket.destroy()
  }

  drained(): void {
    this.response?.emit('drain')
  }

  /** The peer has ended its side; whoever does that waits for nothing. */
  ended(): void {
    if (this.isFirst && this.waiting.length === 0) this.socket.destroy()
    else this.socket.end()
  }

  closed(): void {
    deadlines.disarm(this)
    this.lane.connections.delete(this)
    this.response?.closed()
    this.response = undefined
  }

  expire(): number {
    const { keepAliveMs, serveHttp1 } = this.lane.options
    if (this.socket.destroyed) return 0
    if (this.response !== undefined) return keepAliveMs
    if (this.waiting.length > 0) {
      const { waiting } = this
      if (this.isFirst && mayBecomePreface(waiting)) this.timeOut()
      // The rest of a body takes its time: node:http knows how long it may.
      else this.handOver(waiting, serveHttp1)
      return 0
    }
    if (this.isFirst) return this.timeOut()
    const leftMs = keepAliveMs - (deadlines.tick - this.quietSinceTick) * TICK_MS
    if (leftMs > 0 && !this.lane.isClosing) return leftMs
    this.socket.destroy()
    return 0
  }

  private timeOut(): number {
    this.socket.end(TIMED_OUT, () => this.socket.destroy())
    return 0
  }
}

function pauseStream(socket: Socket): void {
  if (socket instanceof TcpSocket) socket.pause()
  else Duplex.prototype.pause.call(socket)
}

function readWaiting(connection: PlainConnection): void {
  connection.readWaiting()
}

function onData(this: LinkedSocket, chunk: Buffer): void {
  this[link]?.receive(chunk)
}

const readShared = passing(onData)

function onEnd(this: LinkedSocket): void {
  this[link]?.ended()
}

function onDrain(this: LinkedSocket): void {
  this[link]?.drained()
}

function onClose(this: LinkedSocket): void {
  this[link]?.closed()
}

/** `close` follows. */
function onError(): void {}
