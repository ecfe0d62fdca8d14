/**
 * One HTTP request over a wire, as both ends see it: `fetch` at the client's, a request and a response of Node's at
 * the node's. Only what the client and the transports use of the two is there. The node may also be given a copy of
 * a request whose answer nobody waits for, as a proxy that tries again sends one.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Wire, type Path } from './wire.ts'

/** Bytes that a system takes from a process although nobody has read them. */
const KERNEL_BYTES = 2_048
/** Node's own mark, above which a stream asks its writer to wait. */
const STREAM_MARK_BYTES = 1_024

/** What serves requests; undefined where nobody listens. */
export interface HttpServer {
  readonly serve: (incoming: IncomingMessage, response: ServerResponse) => void
  /** More waits for a client than may. */
  readonly exceeded: (what: string, bytes: number) => void
  /** Bytes that may wait in one answer. */
  readonly boundBytes: number
}

class Incoming extends EventEmitter {
  readonly headers = {}
  readonly socket: { readonly remoteAddress: string }
  complete = false

  constructor(address: string) {
    super()
    this.socket = { remoteAddress: address }
  }
}

class Response extends EventEmitter {
  headersSent = false
  destroyed = false
  shouldKeepAlive = true
  writableNeedDrain = false
  bytesWritten = 0
  status = 200
  ended = false
  readonly req: Incoming
  readonly fields: Record<string, string> = {}
  readonly #wire: Wire
  readonly #client: ClientEnd
  readonly #server: HttpServer
  /** What is written now is the last of it. */
  #ending = false
  /** Who waits for bytes to leave, each with how many must have left by then. */
  readonly #leaving: { readonly mark: number; readonly left: () => void }[] = []

  constructor(req: Incoming, wire: Wire, ends: { client: ClientEnd; server: HttpServer }) {
    super()
    this.req = req
    this.#wire = wire
    this.#client = ends.client
    this.#server = ends.server
  }

  /** What has not left the process. */
  get writableLength(): number {
    return Math.max(0, this.#wire.towardsClient - KERNEL_BYTES)
  }

  get socket(): this {
    return this
  }

  setNoDelay(): void {
    // Nothing is delayed to be sent with more.
  }

  setHeader(name: string, value: string | number): void {
    this.fields[name] = String(value)
  }

  writeHead(status: number, fields: Record<string, string | number>): void {
    this.status = status
    for (const [name, value] of Object.entries(fields)) this.setHeader(name, value)
    this.headersSent = true
  }

  /** @param left called when the process has got rid of the bytes. */
  write(bytes: Uint8Array, left?: () => void): boolean {
    if (this.destroyed || this.ended) return false
    this.bytesWritten += bytes.length
    if (left !== undefined) {
      this.#leaving.push({ mark: this.bytesWritten, left })
      queueMicrotask(() => this.#leave())
    }
    this.#send(bytes)
    if (this.writableLength > this.#server.boundBytes) this.#server.exceeded('an answer', this.writableLength)
    if (this.writableLength >= STREAM_MARK_BYTES) this.writableNeedDrain = true
    return !this.writableNeedDrain
  }

  end(bytes?: Uint8Array, left?: () => void): void {
    if (this.destroyed || this.ended) return
    // The end travels with the last bytes, or behind them.
    this.#ending = bytes !== undefined
    if (bytes !== undefined) this.write(bytes, left)
    else this.#wire.down(new Uint8Array(0), () => this.#client.end())
    this.ended = true
    this.taken()
  }

  #send(bytes: Uint8Array): void {
    const { status, fields } = this
    const last = this.#ending
    let rest = bytes.length
    this.#wire.down(bytes, (piece) => {
      rest -= piece.length
      this.#client.piece(status, fields, piece)
      if (last && rest === 0) this.#client.end()
    })
  }

  destroy(): void {
    if (this.destroyed) return
    this.#wire.cut()
  }

  /** Some of what waits has left. */
  taken(): void {
    this.#leave()
    if (this.writableLength > 0) return
    if (this.ended) return this.closed()
    if (!this.writableNeedDrain) return
    this.writableNeedDrain = false
    this.emit('drain')
  }

  #leave(): void {
    const leftBytes = this.bytesWritten - this.writableLength
    while ((this.#leaving[0]?.mark ?? Infinity) <= leftBytes) this.#leaving.shift()?.left()
  }

  closed(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#wire.nodeGone = true
    this.emit('close')
  }
}

interface ReadResult {
  readonly done: boolean
  readonly value: Uint8Array | undefined
}

/** The answer as it comes in: a head, pieces of a body, and an end or a failure. */
class ClientEnd {
  readonly answer = Promise.withResolvers<object>()
  readonly #pieces: Uint8Array[] = []
  #answered = false
  #ended = false
  #failure: Error | undefined
  #reading: PromiseWithResolvers<ReadResult> | undefined
  readonly #complete: () => void
  readonly #path: Path

  constructor(path: Path, complete: () => void) {
    this.#path = path
    this.#complete = complete
    this.answer.promise.catch(() => undefined)
  }

  get over(): boolean {
    return this.#ended || this.#failure !== undefined
  }

  piece(status: number, fields: Record<string, string>, piece: Uint8Array): void {
    if (this.over) return
    this.#path.detail(() => `post < ${status} ${Buffer.from(piece).toString()}`)
    this.#pieces.push(piece)
    if (!this.#answered) {
      this.#answered = true
      this.answer.resolve(this.#response(status, fields))
    }
    this.#serve()
  }

  end(): void {
    if (this.over) return
    this.#ended = true
    this.#complete()
    this.#serve()
  }

  fail(error: Error): void {
    if (this.over) return
    this.#path.detail(() => `post failed: ${error.name}`)
    this.#failure = error
    this.answer.reject(error)
    this.#serve()
  }

  #response(status: number, fields: Record<string, string>): object {
    return {
      ok: status === 200,
      status,
      headers: { get: (name: string) => fields[name] ?? null },
      json: () => this.#json(),
      body: { getReader: () => ({ read: () => this.#read() }) },
    }
  }

  #read(): Promise<ReadResult> {
    this.#reading = Promise.withResolvers()
    const { promise } = this.#reading
    this.#serve()
    return promise
  }

  #serve(): void {
    const reading = this.#reading
    if (reading === undefined) return
    const value = this.#failure === undefined ? this.#pieces.shift() : undefined
    if (value === undefined && !this.over) return
    this.#reading = undefined
    if (this.#failure !== undefined) reading.reject(this.#failure)
    else reading.resolve({ done: value === undefined, value })
  }

  async #json(): Promise<unknown> {
    const all: Uint8Array[] = []
    for (;;) {
      const { value } = await this.#read()
      if (value === undefined) return JSON.parse(Buffer.concat(all).toString())
      all.push(value)
    }
  }
}

export interface ExchangeOptions {
  readonly path: Path
  readonly address: string
  readonly body: string
  /** Who listens when the request arrives. */
  readonly server: () => HttpServer | undefined
  readonly signal?: AbortSignal | null | undefined
  /** The node has the whole request. */
  readonly arrived?: (response: { readonly destroyed: boolean }) => void
}

/** @returns the wire, and what `fetch` promises. */
export const exchange = (options: ExchangeOptions): { wire: Wire; answer: Promise<object> } => {
  const { path, address, body, signal } = options
  const client = new ClientEnd(path, () => (wire.clientGone = true))
  path.detail(() => `post > ${body}`)
  let response: Response | undefined
  const wire: Wire = new Wire(path, {
    client: () => client.fail(new TypeError('fetch failed')),
    node: () => response?.closed(),
    taken: () => response?.taken(),
  })
  signal?.addEventListener('abort', () => {
    client.fail(signal.reason as Error)
    wire.closeClient()
  })
  wire.up(() => {
    const server = options.server()
    if (server === undefined) return wire.cut()
    const incoming = new Incoming(address)
    response = new Response(incoming, wire, { client, server })
    server.serve(incoming as unknown as IncomingMessage, response as unknown as ServerResponse)
    const bytes = Buffer.from(body)
    const end = (): void => {
      incoming.complete = true
      incoming.emit('end')
      if (response !== undefined) options.arrived?.(response)
    }
    if (path.splits === 0) {
      incoming.emit('data', bytes)
      return end()
    }
    const at = path.chance.whole(0, bytes.length)
    for (const part of [bytes.subarray(0, at), bytes.subarray(at)])
      if (part.length > 0) wire.up(() => incoming.emit('data', part))
    wire.up(end)
  })
  return { wire, answer: client.answer.promise }
}
