// The opening handshake as bytes that can be shown: a request of which every header is known, and whatever the server
// answers, accepted or not. It follows no redirect and tries nothing twice; what the answer is worth is judged by the
// WebSocket room.

import { hash, randomBytes } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import {
  acceptKey,
  AnswerError,
  type DeflateAgreement,
  formatExtensions,
  handshakeHeaders,
  type HeaderList,
  offerDeflate,
  readAnswer,
  readDeflateChoice,
} from '../../websocket/index.ts'
import type { InspectOptions } from './options.ts'

export interface RequestHead {
  /** Path and query. */
  readonly target: string
  /** Names and values in turn, exactly as they are sent. */
  readonly headers: HeaderList
  /** What a server that reads the key answers. */
  readonly expectedAccept: string
}

export interface AnswerHead {
  readonly status: number
  readonly reason: string
  readonly httpVersion: string
  readonly headers: HeaderList
  readonly expectedAccept: string
  /** How long the answer took, milliseconds from the request on. */
  readonly afterMs: number
  /** What is wrong with it, if it does not open a WebSocket. */
  readonly error?: AnswerError
  /** The beginning of a refusal's body. */
  readonly body?: string
}

/** What TLS agreed on, for wss://. */
export interface Security {
  readonly protocol: string
  readonly cipher: string
  readonly subject: string
  readonly issuer: string
  readonly validTo: string
  readonly trusted: boolean
}

/** The connection below a WebSocket that is open. */
export interface Opened {
  readonly socket: Duplex
  /** What came with the answer. */
  readonly head: Uint8Array
  /** The terms of permessage-deflate, if it is in use. */
  readonly agreement?: DeflateAgreement | undefined
}

/** What is told of the opening, in this order. */
export interface OpeningReport {
  connected(address: string, security: Security | undefined): void
  request(head: RequestHead): void
  answer(head: AnswerHead): void
}

const TIMEOUT_MS = 10_000
/** How much of a refusal's body is read. */
const BODY_BYTES = 1024

const requestHead = ({ url, protocols, headers, deflate }: InspectOptions): RequestHead => {
  const own = handshakeHeaders(randomBytes(16).toString('base64'), {
    protocols,
    extensions: deflate === undefined ? '' : formatExtensions([offerDeflate(deflate)]),
  })
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const fields = [
    ...Object.entries({ Host: url.host, ...own }).filter(([name]) => !given.has(name.toLowerCase())),
    ...headers,
  ]
  const key = fields.find(([name]) => name.toLowerCase() === 'sec-websocket-key')?.[1] ?? ''
  return {
    target: url.pathname + url.search,
    headers: fields.flat(),
    expectedAccept: acceptKey(key, (text) => hash('sha1', text, 'base64')),
  }
}

/**
 * Connects and asks. Undefined when the server refused; rejects when there was no answer at all.
 */
export const open = async (options: InspectOptions, report: OpeningReport): Promise<Opened | undefined> => {
  const head = requestHead(options)
  const request = ask(options, head)
  request.once('socket', (socket) => {
    socket.once(options.url.protocol === 'wss:' ? 'secureConnect' : 'connect', () => {
      report.connected(`${socket.remoteAddress} port ${socket.remotePort}`, securityOf(socket))
      report.request(head)
    })
  })
  const startedAt = performance.now()
  const { message, opened } = await answerTo(request)
  const answer = {
    status: message.statusCode ?? 0,
    reason: message.statusMessage ?? '',
    httpVersion: message.httpVersion,
    headers: message.rawHeaders,
    expectedAccept: head.expectedAccept,
    afterMs: performance.now() - startedAt,
  }
  const { agreement, error } = judge(answer, options)
  if (error === undefined && opened !== undefined) {
    report.answer(answer)
    return { ...opened, agreement }
  }
  opened?.socket.destroy()
  const body = opened === undefined ? await bodyOf(message) : undefined
  request.destroy()
  report.answer({
    ...answer,
    error: error ?? new AnswerError('bad-upgrade', 'the answer does not upgrade to websocket'),
    ...(body !== undefined && { body }),
  })
  return undefined
}

const ask = ({ url, tls }: InspectOptions, head: RequestHead): ClientRequest => {
  const secure = url.protocol === 'wss:'
  const request = (secure ? httpsRequest : httpRequest)({
    ...(secure ? tls : {}),
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: head.target,
    // Given as a list, they are sent as they stand, and nothing beside them.
    headers: head.headers as string[],
    agent: false,
  })
  request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
  return request.end()
}

const answerTo = (
  request: ClientRequest,
): Promise<{ readonly message: IncomingMessage; readonly opened?: Opened }> =>
  new Promise((resolve, reject) => {
    request.on('upgrade', (message, socket, head) => {
      request.setTimeout(0)
      resolve({ message, opened: { socket, head } })
    })
    request.on('response', (message) => resolve({ message }))
    request.on('error', reject)
  })

/** What was agreed about compression, or what is wrong with the answer. */
const judge = (
  answer: AnswerHead,
  { protocols, deflate }: InspectOptions,
): { readonly agreement?: DeflateAgreement | undefined; readonly error?: AnswerError } => {
  try {
    const { extensions } = readAnswer(answer, { accept: answer.expectedAccept, protocols })
    return { agreement: readDeflateChoice(extensions, deflate) }
  } catch (error) {
    if (error instanceof AnswerError) return { error }
    throw error
  }
}

const bodyOf = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= BODY_BYTES) break
    }
  } catch {
    // A body that breaks off is shown as far as it came.
  }
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString()
}

const securityOf = (socket: Duplex): Security | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate()
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validTo: validTo ?? '',
    trusted: socket.authorized,
  }
}

const nameOf = (name: { CN?: string | string[]; O?: string | string[] } | undefined): string =>
  String(name?.CN ?? name?.O ?? 'nobody')
