/**
 * WebSocket: `hello` first and the subscriptions right behind it, then commands and events in both directions.
 * Each channel has at most one unanswered `subscribe`, so that an answer always belongs to the last one asked.
 */
import {
  encodeBinary,
  PROTOCOL_VERSION,
  type Reply,
  type ServerEvent,
  SUBPROTOCOL,
  type Welcome,
  type WireError,
} from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import type { OpenSocket, Socket } from './socket.ts'
import type { OpenTransport, Outgoing, Transport, TransportHost } from './transport.ts'

/** A ping is sent this often; it also measures the server's clock. */
const PING_INTERVAL_MS = 27_000
/** Nothing heard for this long after a ping: the peer is gone. */
const PONG_TIMEOUT_MS = 10_000
const WINDOW_BYTES = 1024 * 1024
/** Close codes from here to 4999 say: do not come back. */
const STOP_CODE = 4500

interface Standing {
  revision: number
  /** Its `subscribe` has not been answered. */
  waiting: boolean
  /** Something was missing: it must be asked for anew. */
  stale: boolean
}

export const websocketTransport =
  (url: string, openSocket: OpenSocket): OpenTransport =>
  (host) =>
    new WebSocketTransport(host, url, openSocket)

class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  readonly windowBytes: number = WINDOW_BYTES
  readonly #host: TransportHost
  readonly #url: string
  readonly #openSocket: OpenSocket
  readonly #standing = new Map<string, Standing>()
  #socket: Socket | undefined
  #helloMs = 0
  #welcomed = false
  #done = false
  #retired = false
  #cancelPing: () => void = () => {}
  #pingMs = 0
  #heardMs = 0
  #bye: WireError | undefined

  constructor(host: TransportHost, url: string, openSocket: OpenSocket) {
    this.#host = host
    this.#url = url
    this.#openSocket = openSocket
  }

  get complete(): boolean {
    if (!this.#welcomed) return false
    for (const channel of this.#host.channels().keys()) {
      const standing = this.#standing.get(channel)
      if (standing === undefined || standing.waiting) return false
    }
    return true
  }

  open(): void {
    try {
      this.#socket = this.#openSocket(this.#url, SUBPROTOCOL, {
        open: () => {
          if (!this.#done) this.#opened()
        },
        message: (data) => this.#message(data),
        close: (code, reason, error) => this.#closed(code, reason, error),
      })
    } catch (cause) {
      const error = cause instanceof TransportError ? cause : undefined
      this.#down(error ?? new TransportError('upgrade_refused', 'it could not be opened', { cause }))
    }
  }

  refollow(): void {
    if (this.#helloMs === 0 || this.#socket === undefined || this.#retired) return
    const wanted = this.#host.channels()
    for (const [channel, standing] of this.#standing) {
      if (standing.waiting || wanted.has(channel)) continue
      this.#standing.delete(channel)
      this.#write({ type: 'unsubscribe', channel })
    }
    for (const [channel, revision] of wanted) {
      const standing = this.#standing.get(channel)
      if (standing !== undefined && (standing.waiting || (standing.revision === revision && !standing.stale)))
        continue
      this.#standing.set(channel, { revision, waiting: true, stale: false })
      this.#write({ type: 'subscribe', channel, ...this.#host.ask(channel) })
    }
  }

  send(commands: readonly Outgoing[]): void {
    for (const { json, bytes } of commands) {
      this.#socket?.send(bytes === undefined ? json : (encodeBinary(json, bytes) as Uint8Array<ArrayBuffer>))
    }
  }

  retire(): void {
    this.#retired = true
  }

  close(): void {
    this.#done = true
    this.#cancelPing()
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  #opened(): void {
    const { timers } = this.#host
    this.#helloMs = timers.now()
    this.#write({ type: 'hello', id: 0, version: PROTOCOL_VERSION, ...this.#host.credentials() })
    this.refollow()
    this.#schedulePing()
  }

  #message(data: string | Uint8Array): void {
    if (this.#done) return
    this.#heardMs = this.#host.timers.now()
    try {
      if (typeof data === 'string') this.#event(JSON.parse(data) as ServerEvent)
      else {
        // Not the codec's decoder, which brings the server's table of refusals along.
        const head = 4 + new DataView(data.buffer, data.byteOffset).getUint32(0)
        const header = new TextDecoder().decode(data.subarray(4, head))
        this.#event(JSON.parse(header) as ServerEvent, data.subarray(head))
      }
    } catch (cause) {
      this.#down(new TransportError('cut', 'what it sent could not be read', { cause }))
    }
  }

  #event(event: ServerEvent, bytes?: Uint8Array): void {
    switch (event.type) {
      case 'reply':
        return this.#reply(event)
      case 'auth':
      case 'drain':
        return this.#host.notice(event)
      case 'bye':
        this.#bye = event as WireError
        return this.#host.notice(event)
      case 'publication':
      case 'advance':
      case 'gap':
        if (this.#host.event(event, bytes)) this.#missing(event.channel)
        return
      default:
        this.#answered(event.channel, event.type === 'subscribed')
        if ('channel' in event && this.#host.event(event)) this.#missing(event.channel)
        this.#host.progress()
        this.refollow()
    }
  }

  #reply(reply: Reply): void {
    if (reply.id !== 0) this.#host.reply(reply)
    else if (reply.error !== undefined) this.#down(refused(reply.error))
    else {
      this.#welcomed = true
      this.#host.welcome(reply.ok as Welcome, this.#helloMs)
      this.#host.progress()
    }
  }

  #answered(channel: string, stands: boolean): void {
    const standing = this.#standing.get(channel)
    if (stands && standing !== undefined) standing.waiting = false
    else this.#standing.delete(channel)
  }

  #missing(channel: string): void {
    const standing = this.#standing.get(channel)
    if (standing === undefined) return
    standing.stale = true
    this.refollow()
  }

  #schedulePing(): void {
    const { timers } = this.#host
    this.#cancelPing = timers.after(PING_INTERVAL_MS, () => this.#ping())
  }

  #ping(): void {
    const { timers } = this.#host
    this.#pingMs = timers.now()
    this.#host.ping()
    this.#cancelPing = timers.after(PONG_TIMEOUT_MS, () => {
      if (this.#heardMs >= this.#pingMs) this.#schedulePing()
      else this.#down(new TransportError('silent', 'nothing was heard for too long'))
    })
  }

  #write(command: object): void {
    this.#socket?.send(JSON.stringify(command))
  }

  #closed(code: number, reason: string, error?: TransportError): void {
    const bye = this.#bye
    if (error !== undefined) this.#down(error)
    else if (bye !== undefined) this.#down(refused(bye))
    else if (code >= STOP_CODE && code < STOP_CODE + 500) {
      this.#down(refused({ code: 'internal', message: reason, retry: 'never' }))
    } else this.#down(new TransportError('cut', `it was closed with ${code} ${reason}`.trim()))
  }

  #down(error: TransportError): void {
    if (this.#done) return
    this.close()
    this.#host.down(error)
  }
}
