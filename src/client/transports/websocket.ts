/**
 * WebSocket: `hello` first and the subscriptions right behind it, then commands and events in both directions.
 * Each channel has at most one unanswered `subscribe`, so that an answer always belongs to the last one asked.
 */
import {
  encodeBinary,
  PROTOCOL_VERSION,
  type Closed,
  type Deleted,
  type Reply,
  type ServerEvent,
  SUBPROTOCOL,
  type Subscribed,
  type Unsubscribed,
  type Welcome,
  type WireError,
} from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import type { OpenSocket, Socket } from './socket.ts'
import {
  differs,
  type OpenTransport,
  type Outgoing,
  type Transport,
  type TransportHost,
} from './transport.ts'

/** A ping is sent this often; it also measures the server's clock. */
const PING_INTERVAL_MS = 27_000

export const websocketTransport =
  (url: string, openSocket: OpenSocket): OpenTransport =>
  (host) =>
    new WebSocketTransport(host, url, openSocket)

class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  readonly windowBytes: number = 1024 * 1024
  readonly #host: TransportHost
  readonly #url: string
  readonly #openSocket: OpenSocket
  /** Channels that were asked for, each with the change that was known then; −1: it must be asked for anew. */
  readonly #standing = new Map<string, number>()
  /** Those among them whose `subscribe` has not been answered. */
  readonly #waiting = new Set<string>()
  #socket: Socket | undefined
  #helloMs = 0
  #welcomed = false
  #over = false
  #cancelPing: (() => void) | undefined

  constructor(host: TransportHost, url: string, openSocket: OpenSocket) {
    this.#host = host
    this.#url = url
    this.#openSocket = openSocket
  }

  get complete(): boolean {
    return this.#welcomed && this.#waiting.size === 0 && !differs(this.#host, this.#standing)
  }

  open(): void {
    try {
      this.#socket = this.#openSocket(this.#url, SUBPROTOCOL, {
        open: () => this.#opened(),
        message: (data) => this.#message(data),
        // The server's last word was a `bye`, where it had one.
        close: (code, error) => this.#host.down(error ?? new TransportError('cut', `closed with ${code}`)),
      })
    } catch (cause) {
      this.#host.down(new TransportError('upgrade_refused', 'nothing more is known', cause))
    }
  }

  refollow(): void {
    if (!this.#helloMs || this.#over) return
    const wanted = this.#host.channels()
    for (const channel of this.#standing.keys()) {
      if (this.#waiting.has(channel) || wanted.has(channel)) continue
      this.#standing.delete(channel)
      this.#write({ type: 'unsubscribe', channel })
    }
    for (const [channel, revision] of wanted) {
      if (this.#waiting.has(channel) || this.#standing.get(channel) === revision) continue
      this.#standing.set(channel, revision)
      this.#waiting.add(channel)
      this.#write({ type: 'subscribe', channel, ...this.#host.ask(channel) })
    }
  }

  send(commands: readonly Outgoing[]): void {
    for (const { json, bytes } of commands)
      this.#socket?.send(bytes ? (encodeBinary(json, bytes) as Uint8Array<ArrayBuffer>) : json)
  }

  retire(): void {
    this.#over = true
  }

  close(): void {
    this.#over = true
    this.#cancelPing?.()
    this.#socket?.close()
  }

  #opened(): void {
    if (this.#over) return
    this.#helloMs = this.#host.timers.now()
    this.#write({ type: 'hello', id: 0, version: PROTOCOL_VERSION, ...this.#host.credentials })
    this.refollow()
    this.#ping()
  }

  #message(data: string | Uint8Array): void {
    try {
      if (typeof data === 'string') return this.#event(JSON.parse(data) as ServerEvent)
      // Not the codec's decoder, which brings the server's table of refusals along.
      const head = 4 + new DataView(data.buffer, data.byteOffset).getUint32(0)
      const header = new TextDecoder().decode(data.subarray(4, head))
      this.#event(JSON.parse(header) as ServerEvent, data.subarray(head))
    } catch (cause) {
      this.#host.down(new TransportError('cut', 'it could not be read', cause))
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
        return this.#host.down(refused(event as WireError))
      case 'publication':
      case 'advance':
      case 'gap':
        if (this.#host.event(event, bytes)) this.#missing(event.channel)
        return
      default:
        this.#answered(event)
    }
  }

  #reply(reply: Reply): void {
    const { id, ok, error } = reply
    if (id) return this.#host.reply(reply)
    if (error) return this.#host.down(refused(error))
    this.#welcomed = true
    this.#host.welcome(ok as Welcome, this.#helloMs)
    this.#host.progress()
  }

  /** A `subscribe` was answered, or what stood has ended. */
  #answered(event: Subscribed | Unsubscribed | Closed | Deleted): void {
    const { type, channel } = event
    this.#waiting.delete(channel)
    if (type !== 'subscribed') this.#standing.delete(channel)
    if (this.#host.event(event)) this.#missing(channel)
    this.#host.progress()
    this.refollow()
  }

  #missing(channel: string): void {
    if (this.#standing.has(channel)) this.#standing.set(channel, -1)
    this.refollow()
  }

  #ping(): void {
    const { timers } = this.#host
    this.#cancelPing = timers.after(PING_INTERVAL_MS, () => {
      this.#host.check()
      this.#ping()
    })
  }

  #write(command: object): void {
    this.#socket?.send(JSON.stringify(command))
  }
}
