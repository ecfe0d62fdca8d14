/**
 * Node's HTTP/2 client as the peer of a node: one session, and on it requests in the shape of `fetch` and WebSockets in
 * the browser's shape. It retries nothing.
 */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { dial } from 'holdfast/websocket'
import { certificate } from './certificate.ts'

export interface HttpRequest {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  readonly signal?: AbortSignal
}

/** A session with the node at `url`, by ALPN, or without TLS by prior knowledge. */
export const openSession = async (url: string): Promise<ClientHttp2Session> => {
  const session = connect(url, url.startsWith('https:') ? { ca: certificate().cert } : {})
  // Whoever has a stream on it hears of its end there.
  session.on('error', () => undefined)
  await once(session, 'remoteSettings')
  return session
}

/** One request as a stream of its own. Rejects when the stream ends before it was answered. */
export const fetchOver = (
  session: ClientHttp2Session,
  path: string,
  { method = 'GET', headers, body, signal }: HttpRequest = {},
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ...headers, ':method': method, ':path': path })
    const abort = (): unknown => stream.destroy(new Error('aborted'))
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) abort()
    let content: ReadableStreamDefaultController<Uint8Array>
    const answered = new ReadableStream<Uint8Array>({
      start: (controller) => void (content = controller),
      cancel: () => stream.close(),
    })
    stream.on('response', (answer) => {
      const { ':status': status = 0 } = answer
      resolve(
        new Response(status === 204 || status === 304 ? null : answered, { status, headers: plain(answer) }),
      )
    })
    let failed: unknown = new Error('the stream ended without an answer')
    let ended = false
    stream.on('data', (chunk: Buffer) => content.enqueue(chunk))
    stream.on('end', () => (ended = true))
    stream.on('error', (error) => (failed = error))
    stream.on('close', () => {
      signal?.removeEventListener('abort', abort)
      if (ended && stream.rstCode === 0) content.close()
      else content.error(failed)
      reject(failed as Error)
    })
    stream.end(body)
  })

const plain = (headers: IncomingHttpHeaders): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') || value === undefined ? [] : [[name, String(value)] as [string, string]],
  )

/** A WebSocket on a stream of the session, in the shape that the browser's has. */
export class StreamWebSocket extends EventTarget {
  binaryType = 'arraybuffer'
  readyState: number = WebSocket.CONNECTING
  readonly #opened: ReturnType<typeof dial>

  constructor(url: string, protocol: string, session: ClientHttp2Session) {
    super()
    const closed = (code: number): void => {
      this.readyState = WebSocket.CLOSED
      this.dispatchEvent(new CloseEvent('close', { code }))
    }
    this.#opened = dial(url, {
      http2: session,
      protocols: [protocol],
      handler: {
        message: (_connection, data) => {
          const whole = typeof data === 'string' ? data : Uint8Array.from(data).buffer
          this.dispatchEvent(new MessageEvent('message', { data: whole }))
        },
        close: (_connection, code) => closed(code),
      },
    })
    this.#opened.then(
      () => {
        this.readyState = WebSocket.OPEN
        this.dispatchEvent(new Event('open'))
      },
      () => {
        this.dispatchEvent(new Event('error'))
        closed(1006)
      },
    )
  }

  send(data: string | Uint8Array): void {
    void this.#opened.then((connection) => connection.send(data))
  }

  close(): void {
    this.#opened.then(
      (connection) => connection.close(1000, ''),
      () => undefined,
    )
  }
}
