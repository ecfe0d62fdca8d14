// Dialling over HTTP/1.1: one request with an Upgrade on a connection of its own, and the judgement of its answer
// (RFC 6455 §4.1). It reuses no connection of a pool.

import { randomBytes } from 'node:crypto'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { acceptKey, handshakeHeaders, readAnswer } from '../websocket/index.ts'
import { sha1Base64 } from './accept.ts'
import type { Attempt } from './attempt.ts'
import { judged, type Dialled, type Dialling } from './dialling.ts'
import { DialError } from './errors.ts'
import { basicAuthorization, targetOf } from './proxy.ts'
import { nameOf, reach } from './reach.ts'

/** Rejects with a DialError. */
export async function dialUpgrade({ target, wishes, options, attempt }: Dialling): Promise<Dialled> {
  const key = randomBytes(16).toString('base64')
  const socket = await reach(target, { ...options, alpn: ['http/1.1'] }, attempt)
  const authorization = basicAuthorization(target)
  const request = openRequest(target, socket, {
    ...(authorization !== undefined && { Authorization: authorization }),
    ...options.headers,
    ...handshakeHeaders(key, wishes),
  })
  const { answer, socket: carrier, head } = await answerOf(request, target, attempt)
  const expected = { accept: acceptKey(key, sha1Base64), protocols: wishes.protocols }
  const choice = judged(carrier, target, () =>
    readAnswer({ status: 101, headers: answer.rawHeaders }, expected),
  )
  return { carrier, choice, head }
}

type Headers = Readonly<Record<string, string | readonly string[]>>

function openRequest(target: URL, socket: Socket, headers: Headers): ClientRequest {
  // With the socket made, the scheme only decides which port goes without saying in Host.
  const request = (target.protocol === 'wss:' ? httpsRequest : httpRequest)({
    ...targetOf(target),
    createConnection: () => socket,
    path: target.pathname + target.search,
    headers: headers as Record<string, string>,
  })
  request.end()
  return request
}

interface Answer {
  readonly answer: IncomingMessage
  readonly socket: Duplex
  readonly head: Uint8Array
}

function answerOf(request: ClientRequest, target: URL, attempt: Attempt): Promise<Answer> {
  // After it has settled nobody else listens any more.
  request.on('error', () => {})
  return attempt.step<Answer>(
    ({ resolve, reject }) => {
      const fail = (error: DialError): void => {
        reject(error)
        request.destroy()
      }
      request.on('upgrade', (answer, socket, head) => resolve({ answer, socket, head }))
      request.on('response', (answer) => fail(refusedError(target, answer)))
      request.on('error', (cause) => {
        fail(new DialError('network', `cannot reach ${nameOf(target)}`, { cause }))
      })
    },
    () => request.destroy(),
  )
}

function refusedError(target: URL, answer: IncomingMessage): DialError {
  const { statusCode: status, headers } = answer
  const name = nameOf(target)
  // To the HTTP parser a 101 without an Upgrade header is an answer like any other.
  if (status === 101) return new DialError('bad-handshake', `${name} answered 101 without Upgrade`)
  return new DialError('refused', `${name} answered ${status}`, { status, headers })
}
