/**
 * Node's way to the session endpoint: `fetch` as far as the transports use it, over connections that are reached as
 * WebSockets are, so that TLS options and proxies are the same for all. It follows no redirect, tries nothing twice and
 * decodes no content encoding, nor asks for one.
 */
import { Agent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { urlToHttpOptions } from 'node:url'
import { Attempt, reach, type ReachOptions } from '../wire/index.ts'

/** Answers that have no body (RFC 9110 §6.4.1): a Response may not be made with one. */
const WITHOUT_BODY = [204, 205, 304]

/** Requests to the server at `base`, on connections that are kept alive and used again. */
export const nodeFetch = (base: string | URL, options: ReachOptions): typeof fetch => {
  const agent = new ReachingAgent(new URL(String(base).replace(/^http/, 'ws')), options)
  return (input, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({
        ...urlToHttpOptions(new URL(input as string)),
        // The agent hands out connections that speak TLS already where they have to.
        protocol: 'http:',
        agent,
        method,
        headers: headers as Record<string, string>,
        ...(signal ? { signal } : {}),
      } as RequestOptions)
      request.on('response', (answer) => {
        try {
          resolve(responseOf(answer))
        } catch (error) {
          answer.destroy()
          reject(error)
        }
      })
      request.on('error', reject)
      request.end(body)
    })
}

/** One server's connections. */
class ReachingAgent extends Agent {
  readonly #target: URL
  readonly #options: ReachOptions

  /** @param target a ws: or wss: URL. */
  constructor(target: URL, options: ReachOptions) {
    super({ keepAlive: true })
    this.#target = target
    this.#options = options
  }

  override createConnection(
    _options: unknown,
    callback: (error: Error | null, socket: Duplex) => void = () => undefined,
  ): undefined {
    this.#reach().then(
      (socket) => callback(null, socket),
      // Node asks for a socket even where there is none.
      (error: Error) => callback(error, undefined as never),
    )
  }

  async #reach(): Promise<Socket> {
    const attempt = new Attempt(this.#target.host, {})
    try {
      return await reach(this.#target, { ...this.#options, alpn: ['http/1.1'] }, attempt)
    } finally {
      attempt.end()
    }
  }
}

const responseOf = (answer: IncomingMessage): Response => {
  const { statusCode: status = 0, headersDistinct } = answer
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  if (!WITHOUT_BODY.includes(status))
    return new Response(Readable.toWeb(answer) as ReadableStream, { status, headers })
  answer.resume()
  return new Response(null, { status, headers })
}
