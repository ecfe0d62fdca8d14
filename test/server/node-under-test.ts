/**
 * A node that is thrown things at, and a bystander: a subscriber on a connection of its own that must notice
 * nothing of it. What every hostile case asserts beside its own answer stands here, once.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { createServer, type HoldfastServer, type ServerOptions } from 'holdfast/server'
import type { ClientHttp2Session } from 'node:http2'
import { certificate } from './certificate.ts'
import { fetchOver, type HttpRequest, openSession, StreamWebSocket } from './http2-client.ts'
import { connectRaw, type RawAnswer, type RawConnection, type Target } from './raw-connection.ts'

export const SUBPROTOCOL = 'holdfast.v1.json'
export const SCHEMES = ['tcp', 'tls'] as const
export const STREAM_SCHEMES = ['h2', 'h2c'] as const
/** How a client reaches a node: by HTTP/1.1 without and with TLS, or by HTTP/2 with and without TLS. */
export type Scheme = (typeof SCHEMES)[number] | (typeof STREAM_SCHEMES)[number]

export interface Stats {
  readonly connections: number
  readonly carriers: number
  readonly held: number
  readonly waiters: number
}

/** Polls a condition that has no event, once per turn of the event loop. */
export const eventually = async (holds: () => boolean, what: string, withinMs = 5_000): Promise<void> => {
  const deadline = Date.now() + withinMs
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`not within ${withinMs} ms: ${what}`)
    await turn()
  }
}

export class NodeUnderTest implements Target {
  readonly server: HoldfastServer
  readonly url: string
  readonly port: number
  readonly tls: boolean
  /** What the node reported as its own faults. */
  readonly faults: unknown[]
  /** Where requests and WebSockets go over HTTP/2, the one connection that carries them. */
  readonly session: ClientHttp2Session | undefined
  readonly #opened: { destroy(): void }[] = []
  #bystander: Bystander | undefined

  constructor(
    server: HoldfastServer,
    at: { url: string; port: number; tls: boolean; session?: ClientHttp2Session | undefined },
    faults: unknown[],
  ) {
    this.server = server
    this.url = at.url
    this.port = at.port
    this.tls = at.tls
    this.session = at.session
    this.faults = faults
  }

  get websocketUrl(): string {
    return `${this.url.replace('http', 'ws')}/ws`
  }

  async connect(): Promise<RawConnection> {
    const connection = await connectRaw(this)
    this.#opened.push(connection)
    return connection
  }

  /** Sends raw bytes on a connection of their own and returns the first answer. */
  async exchange(bytes: string | Uint8Array): Promise<RawAnswer> {
    const connection = await this.connect()
    const answer = await connection.send(bytes).answer()
    connection.destroy()
    return answer
  }

  fetch(path: string, request: HttpRequest & RequestInit = {}): Promise<Response> {
    return this.session === undefined
      ? fetch(this.url + path, request)
      : fetchOver(this.session, path, request)
  }

  openWebSocket(): WebSocket | StreamWebSocket {
    return this.session === undefined
      ? new WebSocket(this.websocketUrl, SUBPROTOCOL)
      : new StreamWebSocket(this.websocketUrl, SUBPROTOCOL, this.session)
  }

  async post(
    body: unknown,
    options: { signal?: AbortSignal } = {},
  ): Promise<{ status: number; body: PollBody }> {
    const response = await this.fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...options,
    })
    return { status: response.status, body: (await response.json()) as PollBody }
  }

  /** Asks for a session. */
  async hello(credentials: object = {}): Promise<Welcome> {
    const { body } = await this.post({ ...credentials, commands: [{ type: 'hello', id: 0, version: 1 }] })
    return okOf(body.replies?.[0]) as Welcome
  }

  /** A subscriber that lives beside whatever the test does. */
  async bystander(): Promise<void> {
    this.#bystander = await Bystander.open(this)
  }

  /**
   * The process is up, the bystander still gets everything and has heard of nothing else, and nothing is left of
   * what the test did.
   */
  async unharmed(): Promise<void> {
    await this.#bystander?.hears(this.server)
    const mine = this.#bystander === undefined ? 0 : 1
    await eventually(
      () => {
        const { carriers, held, waiters } = this.server.stats()
        return carriers === mine && held === 0 && waiters === mine
      },
      `nothing is left over: ${JSON.stringify(this.server.stats())}`,
    )
    assert.deepEqual(this.faults, [])
  }

  async stop(): Promise<void> {
    this.#bystander?.close()
    for (const each of this.#opened) each.destroy()
    this.session?.destroy()
    await this.server.close({ graceMs: 100 })
  }
}

export interface WireEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** The `ok` of `hello`. */
export interface Welcome {
  readonly session: string
  readonly member: string
  readonly limits: Readonly<Record<string, number>>
}

/** What a reply says when all is well. */
export const okOf = (reply: WireEvent | undefined): unknown => {
  assert.equal(reply?.['error'], undefined)
  return reply?.['ok']
}

/** The code of a refusal, whether it is a reply, an event or a `bye`. */
export const codeOf = (event: WireEvent | undefined): string | undefined =>
  event?.type === 'bye' ? (event['code'] as string) : (event?.['error'] as { code: string } | undefined)?.code

export interface PollBody {
  readonly events: readonly WireEvent[]
  readonly replies?: readonly WireEvent[]
  readonly cursors: Readonly<Record<string, string | undefined>>
  readonly next?: number
  readonly error?: { readonly code: string; readonly message: string; readonly retry: string }
}

export const startNode = async (
  options: ServerOptions = {},
  scheme: Scheme = 'tcp',
): Promise<NodeUnderTest> => {
  const faults: unknown[] = []
  const server = createServer({ onError: (fault) => faults.push(fault), ...options })
  const tls = scheme === 'tls' || scheme === 'h2'
  const at = await server.listen(tls ? { tls: certificate() } : {})
  const session = scheme === 'h2' || scheme === 'h2c' ? await openSession(at.url) : undefined
  return new NodeUnderTest(server, { ...at, tls, session }, faults)
}

/** A WebSocket that follows one channel and remembers every event. */
class Bystander {
  readonly #socket: WebSocket
  readonly #events: WireEvent[] = []
  #published = 0
  #wake: () => void = () => undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.#events.push(JSON.parse(String(data)) as WireEvent)
      this.#wake()
    })
    socket.addEventListener('close', () => this.#wake())
  }

  static async open(node: NodeUnderTest): Promise<Bystander> {
    const socket = new WebSocket(node.websocketUrl, SUBPROTOCOL)
    const bystander = new Bystander(socket)
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'hello', id: 0, version: 1, token: 'bystander' }))
    socket.send(JSON.stringify({ type: 'subscribe', channel: 'bystander' }))
    await bystander.#has(2)
    return bystander
  }

  /** Publishes one more, which must be all that comes. */
  async hears(server: HoldfastServer): Promise<void> {
    await server.publish('bystander', ++this.#published)
    await this.#has(2 + this.#published)
    const [hello, subscribed, ...publications] = this.#events
    assert.equal(hello?.['id'], 0)
    assert.equal(subscribed?.type, 'subscribed')
    assert.deepEqual(
      publications.map((event) => event['data']),
      Array.from({ length: this.#published }, (_, index) => index + 1),
    )
  }

  close(): void {
    this.#socket.close()
  }

  async #has(count: number): Promise<void> {
    while (this.#events.length < count) {
      assert.ok(this.#socket.readyState <= WebSocket.OPEN, 'the bystander was disconnected')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
