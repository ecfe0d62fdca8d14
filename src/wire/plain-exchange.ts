// One plain request and its answer, in the shape of node:http's but with only what this house uses of it: the body is
// there already, the answer is written in one piece where it is ended in one. It reads nothing and keeps no time.

import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { PlainHead } from './plain-head.ts'
import type { SharedAnswer } from './shared-answer.ts'
import { SilentEmitter } from './silent-emitter.ts'

/** What a request says, and its whole body. */
export class PlainRequest {
  readonly socket: Socket
  readonly body: Buffer
  private readonly head: PlainHead

  constructor(head: PlainHead, socket: Socket, body: Buffer) {
    this.head = head
    this.socket = socket
    this.body = body
  }

  get method(): string {
    return this.head.method
  }

  get url(): string {
    return this.head.url
  }

  get headers(): IncomingHttpHeaders {
    return this.head.fields.headers
  }

  get rawHeaders(): string[] {
    return this.head.fields.rawHeaders
  }

  get httpVersion(): string {
    return '1.1'
  }

  get httpVersionMajor(): number {
    return 1
  }

  get complete(): boolean {
    return true
  }
}

type Fields = Readonly<Record<string, string | number>>
type Sent = (error?: Error | null) => void

export interface PlainResponseOwner {
  readonly keepAliveFields: string
  /** The answer has been handed to the kernel as a whole. */
  answered(keepAlive: boolean): void
}

/** Bodies up to here are joined with their head, which costs less than a list of the two. */
const JOINED_BYTES = 16_384
const INVALID_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/
const NONE: readonly string[] = []
const CHUNK_END = '\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** Hears what `close` tells, without a listener: most answers have one who does. */
export interface Watcher {
  /** The answer has left, or its connection has gone. */
  over(): void
}

/** Emits `close` once: when the answer has left, or when its connection has gone. And `drain`. */
export class PlainResponse extends SilentEmitter {
  readonly req: PlainRequest
  readonly socket: Socket
  headersSent = false
  shouldKeepAlive = true
  destroyed = false
  watcher: Watcher | undefined
  private readonly owner: PlainResponseOwner
  private status = 200
  private fields: readonly string[] = NONE
  private ownsFields = false
  private headWritten = false
  private chunked = false
  private ended = false

  constructor(req: PlainRequest, owner: PlainResponseOwner) {
    super()
    this.req = req
    this.socket = req.socket
    this.owner = owner
  }

  get writableLength(): number {
    return this.socket.writableLength
  }

  get writableNeedDrain(): boolean {
    return this.socket.writableNeedDrain
  }

  /** @param fields names in lower case and values in turn: one list for all answers that begin with it. */
  addFields(fields: readonly string[]): void {
    if (this.fields === NONE) this.fields = fields
    else for (let at = 0; at < fields.length; at += 2) this.setHeader(fields[at]!, fields[at + 1]!)
  }

  /** @param name in lower case */
  setHeader(name: string, value: string | number): this {
    const text = String(value)
    if (INVALID_VALUE.test(text)) throw new TypeError(`${name} holds what no header field may hold`)
    const fields = this.ownFields()
    for (let at = 0; at < fields.length; at += 2) {
      if (fields[at] === name) {
        fields[at + 1] = text
        return this
      }
    }
    fields.push(name, text)
    return this
  }

  private ownFields(): string[] {
    if (!this.ownsFields) this.fields = [...this.fields]
    this.ownsFields = true
    return this.fields as string[]
  }

  writeHead(status: number, fields?: Fields): this {
    this.status = status
    for (const name in fields) this.setHeader(name, fields[name]!)
    this.headersSent = true
    return this
  }

  write(bytes: Uint8Array, sent?: Sent): boolean {
    if (this.ended || this.destroyed) return false
    if (!this.headWritten) this.chunked = !this.fields.includes('content-length')
    const { socket } = this
    socket.cork()
    if (!this.headWritten) socket.write(this.head(), 'latin1')
    if (this.chunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    const room = socket.write(bytes, this.chunked ? undefined : sent)
    if (this.chunked) socket.write(CHUNK_END, 'latin1', sent)
    socket.uncork()
    return room
  }

  end(body?: Buffer): this {
    if (this.ended || this.destroyed) return this
    this.ended = true
    const { socket } = this
    if (this.headWritten) {
      if (body !== undefined) socket.write(body)
      if (this.chunked) socket.write(LAST_CHUNK, 'latin1')
    } else {
      const bodyless = this.status === 204 || this.status === 304
      if (!bodyless && !this.fields.includes('content-length'))
        this.ownFields().push('content-length', String(body?.length ?? 0))
      writeWhole(socket, this.head(), bodyless ? undefined : body)
    }
    this.finishWhenSent()
    return this
  }

  /** Ends it, whole, with what others are given too. */
  endShared(answer: SharedAnswer): void {
    if (this.headersSent || this.destroyed) return
    this.ended = this.headersSent = this.headWritten = true
    const own = this.fields
    // Whatever the answer adds is added to a list of its own.
    this.ownsFields = false
    this.socket.write(answer.encode(own, dateField(), this.connectionFields(), this))
    this.finishWhenSent()
  }

  /** Cuts the connection. */
  destroy(): void {
    this.socket.destroy()
  }

  /** The connection has gone. */
  closed(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.watcher?.over()
    this.emit('close')
  }

  private finishWhenSent(): void {
    if (this.socket.writableLength === 0) this.finish()
    else this.socket.write('', () => this.finish())
  }

  private finish(): void {
    if (this.destroyed) return
    this.owner.answered(this.shouldKeepAlive)
    this.closed()
  }

  head(): string {
    this.headWritten = this.headersSent = true
    const { fields } = this
    let head = `HTTP/1.1 ${this.status} ${STATUS_CODES[this.status] ?? ''}\r\n`
    for (let at = 0; at < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`
    if (this.chunked) head += 'transfer-encoding: chunked\r\n'
    return `${head}${dateField()}${this.connectionFields()}\r\n`
  }

  private connectionFields(): string {
    return this.shouldKeepAlive ? this.owner.keepAliveFields : CLOSE_FIELD
  }
}

const CLOSE_FIELD = 'connection: close\r\n'

function writeWhole(socket: Socket, head: string, body: Buffer | undefined): void {
  if (body === undefined) socket.write(head, 'latin1')
  else if (body.length <= JOINED_BYTES) socket.write(head + body.toString('latin1'), 'latin1')
  else {
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }
}

let dateSecond = 0
let dateText = ''

/** RFC 9110 §6.6.1; made once a second. */
function dateField(): string {
  const now = Date.now()
  const second = Math.floor(now / 1_000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = `date: ${new Date(now).toUTCString()}\r\n`
  }
  return dateText
}
