/**
 * An HTTP/2 stream as what the routes take: a request and its answer, in HTTP/1.1's shape. What the two versions
 * differ in is levelled here, and nowhere else. It judges nothing.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  Http2ServerRequest,
  Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'

/** What a request says before its body. */
export interface RequestHead {
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly httpVersion: string
  /** The connection that it came on; not to be read or written. */
  readonly socket: Socket
}

/** A stream that has come, as the event tells it. */
export interface IncomingStream {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders & { readonly ':method'?: string; readonly ':path'?: string }
  readonly rawHeaders: readonly string[]
}

/** The head of a stream's request: `:authority` is its `Host`, and no other pseudo-header stands among its fields. */
export const headOf = ({ headers, rawHeaders }: IncomingStream, session: Http2Session): RequestHead => {
  const fields: string[] = []
  let authority: string | undefined
  let host: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at] as string, rawHeaders[at + 1] as string]
    if (name === ':authority') authority = value
    else if (name === 'host') host ??= value
    if (!name.startsWith(':')) fields.push(name, value)
  }
  // RFC 9113 §8.3.1: where both are there they have to be the same. Two that are not are two Hosts.
  if (authority !== undefined && authority !== host) fields.unshift('host', authority)
  return {
    url: headers[':path'],
    headers: { ...headers, host: authority ?? host },
    rawHeaders: fields,
    httpVersion: '2.0',
    socket: session.socket,
  }
}

/**
 * The stream as a request and an answer. They are Node's own, which are like those of HTTP/1.1 in all that the
 * routes and transports use of them; what is missing there is added here.
 * @param requestTimeoutMs how long the request may take to come as a whole; then it is answered with 408.
 */
export const exchangeOf = (
  { stream, rawHeaders }: IncomingStream,
  head: RequestHead,
  requestTimeoutMs: number,
): { readonly request: IncomingMessage; readonly response: ServerResponse } => {
  const request = new Http2ServerRequest(stream, head.headers, {}, rawHeaders)
  Object.defineProperty(request, 'rawHeaders', { value: head.rawHeaders })
  // A stream that is reset is an error here, and an abort in HTTP/1.1: whoever reads hears of it by `close`.
  request.on('error', () => undefined)
  const response = new StreamAnswer(stream)
  Object.defineProperty(response, 'destroyed', { get: () => stream.destroyed })
  const timer = setTimeout(() => response.timedOut(), requestTimeoutMs).unref()
  const over = (): void => clearTimeout(timer)
  stream.once('end', over).once('close', over)
  return {
    request: request as unknown as IncomingMessage,
    response: response as unknown as ServerResponse,
  }
}

class StreamAnswer extends Http2ServerResponse {
  override end(...given: unknown[]): this {
    super.end(...(given as []))
    // A request that is still being sent would keep the stream: RFC 9113 §8.1 has it reset, without an error.
    if (!this.req.complete) this.stream.close(constants.NGHTTP2_NO_ERROR)
    return this
  }

  timedOut(): void {
    if (!this.headersSent) this.writeHead(constants.HTTP_STATUS_REQUEST_TIMEOUT)
    this.end()
  }
}
