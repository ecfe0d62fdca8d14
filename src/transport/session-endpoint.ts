/**
 * The HTTP carriers' one endpoint: reads a body, decodes the session request, carries out its commands and hands
 * it to the transport that it asks for. Everything it needs to know of the client stands in the request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  decodeJson,
  decodeSessionRequest,
  ProtocolError,
  type Reply,
  type SessionRequest,
} from '../protocol/index.ts'
import { answerRefusal } from './answer.ts'
import { CommandLineUp, type Following } from './command-line-up.ts'
import type { Admission, Gateway, Peer } from './gateway.ts'
import { type Poll, PollCarrier } from './polls.ts'
import { SseCarrier } from './sse.ts'

/** Answers one `POST` of a session request. Never rejects; what goes wrong is the answer. */
export const serveSession = async (
  gateway: Gateway,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const body = await readBody(incoming, gateway.limits.messageBytes)
    const request = decodeSessionRequest(decodeJson(body), gateway.limits.channelsPerPoll)
    const peer: Peer = { address: incoming.socket.remoteAddress ?? '', headers: incoming.headers }
    const admission = await gateway.admit({ token: request.token, session: request.session }, peer)
    if (!response.destroyed) carry({ gateway, identity: admission.identity, request, response }, admission)
  } catch (error) {
    answerRefusal(response, error)
  }
}

const carry = (poll: Poll, admission: Admission): void => {
  if (poll.request.live === 'sse') {
    const carrier = new SseCarrier(poll)
    runCommands(poll, admission, carrier.attachment).then(
      (replies) => carrier.start(replies),
      (error: unknown) => answerRefusal(poll.response, error),
    )
    return
  }
  const carrier = new PollCarrier(poll)
  const { commands } = poll.request
  carrier.start(commands.length === 0 ? undefined : runCommands(poll, admission, carrier.attachment))
}

/** Carries out the commands of a request, in their order; the replies come in the same order. */
const runCommands = async (poll: Poll, admission: Admission, attachment: Following): Promise<Reply[]> => {
  const lineUp = new CommandLineUp(poll.gateway, attachment)
  const replies = await Promise.all(
    poll.request.commands.map((decoded): Promise<Reply | undefined> => {
      if ('error' in decoded) {
        return Promise.resolve(
          decoded.id === undefined ? undefined : { type: 'reply', id: decoded.id, error: decoded.error },
        )
      }
      const { command } = decoded
      if (command.type === 'hello')
        return Promise.resolve({ type: 'reply', id: command.id, ok: admission.welcome })
      return lineUp.take(command)
    }),
  )
  return replies.filter((reply) => reply !== undefined)
}

/** @throws ProtocolError `too_large` | `malformed` */
const readBody = (incoming: IncomingMessage, maxBytes: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const tooLarge = (): void => {
      incoming.off('data', take)
      // What is still under way is not read; the connection cannot be used again.
      incoming.resume()
      reject(new ProtocolError('too_large', `a body is at most ${maxBytes} bytes`))
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > maxBytes) tooLarge()
      else chunks.push(chunk)
    }
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return tooLarge()
    incoming.on('data', take)
    incoming.once('end', () => {
      const text = decodeUtf8(Buffer.concat(chunks, bytes))
      if (text === undefined) reject(new ProtocolError('malformed', 'the body is not UTF-8'))
      else resolve(text)
    })
    incoming.once('error', reject)
    incoming.once('close', () => reject(new ProtocolError('malformed', 'the body was cut off')))
  })

const UTF8 = new TextDecoder('utf-8', { fatal: true })

const decodeUtf8 = (bytes: Buffer): string | undefined => {
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

export type { SessionRequest }
