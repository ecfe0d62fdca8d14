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
import { readBody } from './body.ts'
import { CommandLineUp, type Following } from './command-line-up.ts'
import type { Admission, Gateway, Peer } from './gateway.ts'
import { type Poll, PollCarrier } from './polls.ts'
import { SseCarrier } from './sse.ts'

/** Replies in the order of their commands; undefined for those that have none. */
export type Replies = readonly (Reply | Promise<Reply | undefined>)[]

/** Answers one `POST` of a session request. Never rejects; what goes wrong is the answer. */
export const serveSession = async (
  gateway: Gateway,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const body = await readBody(incoming, gateway.limits.messageBytes)
    const request = decodeSessionRequest(decodeJson(body), gateway.limits.channelsPerPoll)
    if (gateway.draining && begins(request))
      throw new ProtocolError('draining', 'the node is going away; another one takes over')
    const peer: Peer = { address: incoming.socket.remoteAddress ?? '', headers: incoming.headers }
    const admission = await gateway.admit({ token: request.token, session: request.session }, peer)
    if (!response.destroyed) carry({ gateway, identity: admission.identity, request, response }, admission)
  } catch (error) {
    if (!(error instanceof ProtocolError)) gateway.fault(error)
    if (error instanceof ProtocolError) {
      gateway.counters.refused(error.code)
      if (error.code === 'draining') response.shouldKeepAlive = false
    }
    answerRefusal(response, error)
  }
}

/** Whether something is to be followed from here on. Whoever is still elsewhere on this node may send commands. */
const begins = ({ subscribe, live, commands }: SessionRequest): boolean =>
  subscribe.size > 0 ||
  live !== false ||
  commands.some((each) => 'command' in each && each.command.type === 'hello')

const carry = (poll: Poll, admission: Admission): void => {
  if (poll.request.live === 'sse') {
    const carrier = new SseCarrier(poll)
    carrier.start(runCommands(poll, admission, carrier.attachment))
    return
  }
  const carrier = new PollCarrier(poll)
  const replies = runCommands(poll, admission, carrier.attachment)
  carrier.start(replies.length === 0 ? undefined : allOf(replies))
}

/** Carries out the commands of a request, in their order. */
const runCommands = (poll: Poll, admission: Admission, attachment: Following): Replies => {
  const lineUp = new CommandLineUp(poll.gateway, attachment)
  return poll.request.commands.flatMap((decoded): Replies => {
    if ('error' in decoded) {
      const { id, error } = decoded
      return id === undefined ? [] : [{ type: 'reply', id, error }]
    }
    const { command } = decoded
    if (command.type === 'hello') return [{ type: 'reply', id: command.id, ok: admission.welcome() }]
    return [lineUp.take(command)]
  })
}

const allOf = async (replies: Replies): Promise<Reply[]> =>
  (await Promise.all(replies.map(async (reply) => reply))).filter((reply) => reply !== undefined)
