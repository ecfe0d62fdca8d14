// A TCP connection that a server has accepted, as those who live on it see it: what this house uses of node:net's Socket,
// on the handle below it, without the two streams that a Socket is. It reads into the buffer that all sockets share
// and writes at once where it can. Whoever needs a Socket after all is given one, and then this only stands for it.
// Longer than others because its two directions end together.

import { Buffer } from 'node:buffer'
import { Socket } from 'node:net'
import {
  type Address,
  bytesOrError,
  errnoError,
  type HandleRequest,
  isLastWriteUnderWay,
  newShutdown,
  newWrite,
  type TcpHandle,
} from './node-handle.ts'
import { onreadShared, type Reader, shared } from './shared-reads.ts'
import { SparseEmitter } from './sparse-emitter.ts'

type Sent = (error?: Error | null) => void
type Finished = () => void

interface Request extends HandleRequest {
  socket?: TcpSocket
  sent?: Sent | undefined
}

const END_OF_FILE = -4095
/** What may wait in each direction before whoever fills it is told to stop; as node:net has it. */
const HIGH_WATER_BYTES = 65_536

const link = Symbol('socket')
type LinkedHandle = TcpHandle & { [link]?: TcpSocket | undefined }

/** Used again and again by writes that the kernel takes at once: Node keeps nothing of it then. */
let spare: Request | undefined

/** What Node writes an address into: one that has its properties already is written into faster. */
const found: Address = { address: '', family: '', port: 0 }
const NOBODY: Address = {}

interface Waiting {
  readonly bytes: Uint8Array
  readonly sent: Sent | undefined
}

const NO_CHUNKS: Buffer[] = []
const NOTHING_COUNTED = { bytesRead: 0, bytesWritten: 0 }
const NO_WRITES: Waiting[] = []

export class TcpSocket extends SparseEmitter {
  destroyed = false
  readableEnded = false
  writableFinished = false
  /** As in node:stream: undecided, paused or flowing. */
  readableFlowing: boolean | null = null
  writableNeedDrain = false
  reader: Reader | undefined
  private handle: LinkedHandle | undefined
  /** What node:http or node:http2 has been given instead. */
  private successor: Socket | undefined
  private chunks: Buffer[] = NO_CHUNKS
  private chunkBytes = 0
  private isReading = true
  private sawEnd = false
  private isFlowScheduled = false
  private waiting: Waiting[] = NO_WRITES
  private waitingBytes = 0
  private underWayBytes = 0
  private corks = 0
  private isEnding = false
  /** What its handle counted up to its end. */
  private counted: Pick<TcpHandle, 'bytesRead' | 'bytesWritten'> = NOTHING_COUNTED
  private peer: Address | undefined
  private own: Address | undefined

  /** @param handle without delay (TCP_NODELAY) */
  constructor(handle: TcpHandle) {
    super()
    this.handle = handle
    this.handle[link] = this
    handle.onread = onRead
    handle.useUserBuffer(shared)
    handle.readStart()
  }

  get remoteAddress(): string | undefined {
    return this.peerAddress.address
  }

  get remotePort(): number | undefined {
    return this.peerAddress.port
  }

  get localAddress(): string | undefined {
    return this.ownAddress.address
  }

  get localPort(): number | undefined {
    return this.ownAddress.port
  }

  private get peerAddress(): Address {
    if (this.peer === undefined && this.handle?.getpeername(found) === 0) this.peer = { ...found }
    return this.peer ?? NOBODY
  }

  private get ownAddress(): Address {
    if (this.own === undefined && this.handle?.getsockname(found) === 0) this.own = { ...found }
    return this.own ?? NOBODY
  }

  get bytesRead(): number {
    return (this.successor ?? this.handle ?? this.counted).bytesRead
  }

  /** Handed over to be written, as node:net counts. */
  get bytesWritten(): number {
    if (this.successor !== undefined) return this.successor.bytesWritten
    return (this.handle ?? this.counted).bytesWritten + this.waitingBytes
  }

  get readableLength(): number {
    return this.chunkBytes
  }

  get writableLength(): number {
    return this.waitingBytes + this.underWayBytes
  }

  get writableEnded(): boolean {
    return this.isEnding
  }

  get writable(): boolean {
    return !this.isEnding && !this.destroyed
  }

  override on(event: string | symbol, listener: (...values: never[]) => void): this {
    super.on(event, listener as (...values: unknown[]) => void)
    if (event === 'data' && this.readableFlowing === null) this.resume()
    return this
  }

  pause(): this {
    // The kernel hears of it only if something comes meanwhile.
    this.readableFlowing = false
    return this
  }

  resume(): this {
    this.readableFlowing = true
    if (this.chunkBytes > 0 || this.sawEnd || !this.isReading) this.scheduleFlow()
    return this
  }

  /** What was read comes again. */
  unshift(chunk: Buffer): void {
    this.chunks = [chunk, ...this.chunks]
    this.chunkBytes += chunk.length
    if (this.readableFlowing === true) this.scheduleFlow()
  }

  /** Keeps what nobody takes now. @returns whether more may come. */
  push(chunk: Buffer): boolean {
    if (this.chunks === NO_CHUNKS) this.chunks = []
    this.chunks.push(chunk)
    this.chunkBytes += chunk.length
    if (this.readableFlowing === true) this.scheduleFlow()
    return this.readableFlowing === true && this.chunkBytes < HIGH_WATER_BYTES
  }

  private scheduleFlow(): void {
    if (this.isFlowScheduled) return
    this.isFlowScheduled = true
    process.nextTick(flow, this)
  }

  flow(): void {
    this.isFlowScheduled = false
    while (this.readableFlowing === true && this.chunks.length > 0 && !this.destroyed) {
      const chunk = this.chunks.shift()!
      this.chunkBytes -= chunk.length
      this.emit('data', chunk)
    }
    if (this.readableFlowing !== true || this.destroyed || this.chunks.length > 0) return
    if (this.sawEnd) this.endReading()
    else if (!this.isReading && this.handle !== undefined) {
      this.isReading = true
      this.handle.readStart()
    }
  }

  private endReading(): void {
    if (this.readableEnded) return
    this.readableEnded = true
    this.emit('end')
    if (this.writableFinished) this.destroy()
  }

  /** Bytes are in the shared buffer, or the peer has ended, or the connection has failed. */
  arrived(bytesOrError: number): void {
    if (bytesOrError > 0) {
      if (this.reader?.call(this as unknown as Socket, bytesOrError) === false) this.stopReading()
    } else if (bytesOrError === END_OF_FILE) {
      this.sawEnd = true
      this.stopReading()
      if (this.readableFlowing === true) this.scheduleFlow()
    } else if (bytesOrError < 0) this.destroy(errnoError(bytesOrError, 'read'))
  }

  private stopReading(): void {
    this.isReading = false
    this.handle?.readStop()
  }

  write(data: string | Uint8Array, encodingOrSent?: BufferEncoding | Sent, maybeSent?: Sent): boolean {
    const sent = typeof encodingOrSent === 'function' ? encodingOrSent : maybeSent
    if (this.handle === undefined || this.isEnding) return this.refuseWrite(sent)
    const encoding = typeof encodingOrSent === 'string' ? encodingOrSent : 'utf8'
    if (this.mustWait()) this.wait(data, encoding, sent)
    else if (typeof data === 'string' && encoding === 'latin1' && data !== '') this.writeText(data, sent)
    else this.writeBytes(typeof data === 'string' ? Buffer.from(data, encoding) : data, sent)
    const room = this.writableLength < HIGH_WATER_BYTES
    if (!room) this.writableNeedDrain = true
    return room
  }

  /** Also behind what waits, when whoever hears that a write is done writes more. */
  private mustWait(): boolean {
    return this.underWayBytes > 0 || this.corks > 0 || this.waiting.length > 0
  }

  private refuseWrite(sent: Sent | undefined): boolean {
    if (sent !== undefined) process.nextTick(sent, closedError())
    return false
  }

  private wait(data: string | Uint8Array, encoding: BufferEncoding, sent: Sent | undefined): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data
    if (this.waiting === NO_WRITES) this.waiting = []
    this.waiting.push({ bytes, sent })
    this.waitingBytes += bytes.length
  }

  private writeText(text: string, sent: Sent | undefined): void {
    const request: Request = (spare ??= newWrite())
    const error = this.handle!.writeLatin1String(request, text)
    if (this.isUnderWay(request, error, sent)) this.underWayBytes = text.length
  }

  private writeBytes(bytes: Uint8Array, sent: Sent | undefined): void {
    if (bytes.length === 0) {
      if (sent !== undefined) process.nextTick(sent)
      return
    }
    const request: Request = (spare ??= newWrite())
    request.data = bytes
    const error = this.handle!.writeBuffer(request, bytes)
    if (this.isUnderWay(request, error, sent)) this.underWayBytes = bytes.length
  }

  /** Whether a write that was asked for goes on; else the kernel has taken all of it, or it has failed. */
  private isUnderWay(request: Request, error: number, sent: Sent | undefined): boolean {
    if (error === 0 && !isLastWriteUnderWay()) {
      request.data = undefined
      if (sent !== undefined) process.nextTick(sent)
      return false
    }
    spare = undefined
    if (error !== 0) {
      this.failedWrite(error, sent)
      return false
    }
    request.oncomplete = onWritten
    request.socket = this
    request.sent = sent
    return true
  }

  private failedWrite(code: number, sent: Sent | undefined): void {
    const error = errnoError(code, 'write')
    if (sent !== undefined) process.nextTick(sent, error)
    this.destroy(error)
  }

  written(status: number, sent: Sent | undefined): void {
    this.underWayBytes = 0
    if (this.destroyed) return sent?.(closedError())
    if (status < 0) return this.failedWrite(status, sent)
    sent?.()
    this.writeWaiting()
  }

  /** All that has waited, in one piece for the kernel. */
  private writeWaiting(): void {
    while (this.waiting.length > 0 && this.underWayBytes === 0 && this.corks === 0 && !this.destroyed) {
      const { waiting } = this
      this.waiting = NO_WRITES
      this.waitingBytes = 0
      if (waiting.length === 1) this.writeBytes(waiting[0]!.bytes, waiting[0]!.sent)
      else this.writeAll(waiting)
    }
    if (this.writableLength > 0 || this.handle === undefined) return
    if (this.isEnding) this.shutDown()
    // Whoever was told that there is no room may not listen yet.
    else if (this.writableNeedDrain) process.nextTick(drain, this)
  }

  drained(): void {
    if (!this.writableNeedDrain || this.writableLength > 0 || this.destroyed) return
    this.writableNeedDrain = false
    this.emit('drain')
  }

  private writeAll(waiting: readonly Waiting[]): void {
    const request: Request = (spare ??= newWrite())
    const parts = waiting.map(({ bytes }) => bytes)
    const heard = waiting.filter(({ sent }) => sent !== undefined)
    const sent: Sent = (error) => {
      for (const each of heard) each.sent!(error)
    }
    let length = 0
    for (const part of parts) length += part.length
    request.data = parts
    const error = this.handle!.writev(request, parts, true)
    if (this.isUnderWay(request, error, heard.length > 0 ? sent : undefined)) this.underWayBytes = length
  }

  cork(): void {
    this.corks++
  }

  uncork(): void {
    if (--this.corks === 0 && this.underWayBytes === 0) this.writeWaiting()
  }

  /** Ends this side once all is written. @param finished when it has ended. */
  end(
    data?: string | Uint8Array | Finished,
    encodingOrFinished?: BufferEncoding | Finished,
    finished?: Finished,
  ): this {
    const heard = [data, encodingOrFinished, finished].find((each) => typeof each === 'function')
    const encoding = typeof encodingOrFinished === 'string' ? encodingOrFinished : 'utf8'
    if (data !== undefined && typeof data !== 'function') this.write(data, encoding)
    if (heard !== undefined) this.once('finish', heard)
    if (this.isEnding || this.handle === undefined) return this
    this.isEnding = true
    if (this.writableLength === 0) this.shutDown()
    return this
  }

  private shutDown(): void {
    const request: Request = newShutdown()
    request.socket = this
    request.oncomplete = onShutDown
    const errno = this.handle!.shutdown(request)
    if (errno === 0) return
    // 1: there is nothing to wait for.
    const error = errno === 1 ? undefined : errnoError(errno, 'shutdown')
    if (error === undefined || error.code === 'ENOTCONN') process.nextTick(finish, this)
    else this.destroy(error)
  }

  finished(): void {
    if (this.destroyed || this.writableFinished) return
    this.writableFinished = true
    this.emit('finish')
    if (this.readableEnded) this.destroy()
  }

  destroy(error?: Error): this {
    if (this.successor !== undefined) this.successor.destroy(error)
    if (this.destroyed) return this
    this.destroyed = true
    const { handle, waiting } = this
    if (handle !== undefined)
      this.counted = { bytesRead: handle.bytesRead, bytesWritten: handle.bytesWritten }
    this.handle = undefined
    this.forget()
    for (const { sent } of waiting) if (sent !== undefined) process.nextTick(sent, closedError())
    if (error !== undefined) process.nextTick(fail, this, error)
    if (handle !== undefined) {
      handle.onread = ignore
      handle.close(() => this.emit('close'))
    }
    return this
  }

  private forget(): void {
    this.waiting = NO_WRITES
    this.waitingBytes = 0
    this.chunks = NO_CHUNKS
    this.chunkBytes = 0
  }

  /** It is tuned already, and has no timeout. */
  setNoDelay(): this {
    return this
  }

  /**
   * The connection as a Socket, with what has come and was not taken, and with what is to leave; this one hears of its
   * end. Not for one that is destroyed.
   */
  release(): Socket {
    const handle = this.handle!
    const { waiting, chunks } = this
    this.handle = undefined
    handle[link] = undefined
    handle.readStop()
    handle.reading = false
    const socket = new Socket({
      handle,
      allowHalfOpen: true,
      pauseOnCreate: true,
      onread: onreadShared,
    } as unknown as ConstructorParameters<typeof Socket>[0])
    for (const chunk of chunks) socket.push(chunk)
    if (this.sawEnd) socket.push(null)
    // The handle puts them behind what is under way.
    for (const { bytes, sent } of waiting) socket.write(bytes, sent)
    if (this.isEnding && this.writableLength > 0) socket.end()
    this.successor = socket
    this.forget()
    socket.once('close', () => {
      this.destroyed = true
      this.emit('close')
    })
    return socket
  }
}

const closedError = (): Error =>
  Object.assign(new Error('the socket is closed, or has been ended'), { code: 'ERR_STREAM_DESTROYED' })

function onRead(this: LinkedHandle): void {
  this[link]?.arrived(bytesOrError())
}

function ignore(): void {}

function onWritten(this: Request, status: number): void {
  this.socket!.written(status, this.sent)
}

function onShutDown(this: Request): void {
  this.socket!.finished()
}

function flow(socket: TcpSocket): void {
  socket.flow()
}

function drain(socket: TcpSocket): void {
  socket.drained()
}

function finish(socket: TcpSocket): void {
  socket.finished()
}

function fail(socket: TcpSocket, error: Error): void {
  socket.emit('error', error)
}
