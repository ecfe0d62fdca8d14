/**
 * One request on a connection of its own, and when what of its answer arrived: nothing is kept alive, followed or tried
 * twice, so that what is seen is what the network does. It asks for compressed answers, as browsers do.
 */
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable, Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, type ZlibOptions } from 'node:zlib'
import { Attempt, reach, type ReachOptions } from '../../wire/index.ts'

/** Where the node is, and how it is reached. */
export interface Path {
  /** http: or https:, without a slash at its end. */
  readonly base: URL
  readonly options: ReachOptions
  readonly token: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As text, decoded; at most the first 64 KiB. */
  readonly body: string
}

export interface Ask {
  readonly method: 'GET' | 'POST'
  /** Behind the base, such as `/session`. */
  readonly path: string
  readonly json?: unknown
  /** By default it asks for what browsers ask for. */
  readonly acceptEncoding?: string
  readonly signal?: AbortSignal
}

const KEPT = 65_536

/** `ws:` is how the wire names what it reaches. */
export const socketUrl = ({ base }: Path, path: string): URL =>
  new URL(base.href.replace(/^http/, 'ws').replace(/\/$/, '') + path)

/** A connection that speaks no protocol yet; with TLS where the URL says so. */
export const connect = async (path: Path, alpn: readonly string[] = ['http/1.1']): Promise<Socket> => {
  const attempt = new Attempt(path.base.host, {})
  try {
    return await reach(socketUrl(path, ''), { ...path.options, alpn }, attempt)
  } finally {
    attempt.end()
  }
}

/** Rejects when the connection breaks before there is an answer. */
export const open = async (
  path: Path,
  { method, path: target, json, acceptEncoding = 'gzip, deflate, br', signal }: Ask,
): Promise<IncomingMessage> => {
  const socket = await connect(path)
  const body = json === undefined ? undefined : JSON.stringify(json)
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      host: path.base.hostname,
      port: path.base.port,
      path: path.base.pathname.replace(/\/$/, '') + target,
      method,
      headers: {
        host: path.base.host,
        'accept-encoding': acceptEncoding,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal === undefined ? {} : { signal }),
    })
    request.once('response', (answer) => resolve(answer.once('close', () => socket.destroy())))
    request.once('error', (error) => {
      socket.destroy()
      reject(error)
    })
    request.end(body)
  })
}

/** The answer as it was before anyone compressed it, as far as it has come. */
export const decoded = (answer: IncomingMessage): Readable => {
  const flush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
  const decoder = decoderFor(answer.headers['content-encoding'], flush)
  if (decoder === undefined) return answer
  answer.once('error', () => decoder.destroy()).once('close', () => decoder.end())
  return answer.pipe(decoder)
}

const decoderFor = (encoding: string | undefined, flush: ZlibOptions): Transform | undefined => {
  switch (encoding) {
    case 'gzip':
      return createGunzip(flush)
    case 'deflate':
      return createInflate(flush)
    case 'br':
      return createBrotliDecompress()
    default:
      return undefined
  }
}

/** The whole of an answer that ends. Rejects when its connection breaks before. */
export const ask = async (path: Path, request: Ask): Promise<Answer> => {
  const answer = await open(path, request)
  let body = ''
  for await (const part of decoded(answer)) if (body.length < KEPT) body += String(part)
  if (!answer.complete) throw new Error('the connection was cut before the answer had ended')
  return { status: answer.statusCode ?? 0, headers: answer.headers, body }
}

/** The body of a session request. */
export const sessionBody = ({ token }: Path, fields: object): object =>
  token === undefined ? fields : { token, ...fields }
