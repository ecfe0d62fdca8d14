/**
 * One request for a stream and its answer: who asks, for what, and what stands in every answer of this face. It
 * knows the node as a host, and carries nothing from one request to the next.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Broker, ChannelOptions, ContentType } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { type Action, addFields, answerRefusal, type Gateway, type Identity } from '../transport/index.ts'
import { liveCursor } from './live-cursor.ts'
import type { StreamQuery } from './query.ts'
import { statusOf, StreamRefusal } from './refusal.ts'

/** What this face needs of its node, beyond what every transport needs. */
export interface StreamsHost extends Gateway {
  readonly broker: Broker
  /** Whether everybody is told the same, so that a shared cache may keep it. */
  readonly anonymous: boolean
  /** How a stream is made; undefined where the rules keep its channel for something else. */
  streamOptions(channel: string, contentType: ContentType): ChannelOptions | undefined
}

export interface Exchange {
  readonly host: StreamsHost
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly channel: string
  readonly query: StreamQuery
  readonly identity: Identity
}

/**
 * In every answer, refusals included: whoever can make a stream chooses its content type, and what it holds must
 * never run as a page of the node's own origin.
 */
const SAFE_FIELDS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "default-src 'none'; sandbox",
  'cross-origin-resource-policy',
  'same-origin',
]

export const setSafeFields = (response: ServerResponse): void => addFields(response, SAFE_FIELDS)

/** @throws (rejects with) ProtocolError `forbidden` */
export const demand = async (exchange: Exchange, ...actions: readonly Action[]): Promise<void> => {
  const { host, identity, channel } = exchange
  for (const action of actions) {
    const allowed = host.authorize(identity, action, channel)
    // Most are answered at once, and need not wait.
    if (!(allowed instanceof Promise ? await allowed : allowed)) {
      throw new ProtocolError('forbidden', `${action} is not allowed`)
    }
  }
}

/** `demand` of one action, for what is done at once where that is known at once. @throws (or rejects with) as `act` and `demand` */
export const whenAllowed = (
  exchange: Exchange,
  action: Action,
  act: (exchange: Exchange) => Promise<void> | void,
): Promise<void> | void => {
  const { host, identity, channel } = exchange
  const allowed = host.authorize(identity, action, channel)
  if (allowed === true) return act(exchange)
  return demand(exchange, action).then(() => act(exchange))
}

/** An answer without a body. */
export const answerEmpty = (
  { response }: Pick<Exchange, 'response'>,
  status: number,
  fields: Readonly<Record<string, string | number>>,
): void => {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'cache-control': 'no-store', ...fields })
  response.end()
}

/** Refuses a request, whatever went wrong: what is the node's own fault is reported, and not told. */
export const refuseStream = (
  host: Pick<Gateway, 'fault' | 'counters'>,
  response: ServerResponse,
  cause: unknown,
): void => {
  const known = cause instanceof ProtocolError
  if (!known) host.fault(cause)
  const error = known ? cause : new ProtocolError('broker_unavailable', 'the node could not do this now')
  host.counters.refused(error.code)
  if (!response.headersSent) {
    if (error instanceof StreamRefusal) {
      for (const [name, value] of Object.entries(error.fields)) response.setHeader(name, value)
    }
    if (error.code === 'unauthenticated') response.setHeader('www-authenticate', 'Bearer')
  }
  answerRefusal(response, error, error instanceof StreamRefusal ? error.status : statusOf(error.code))
}

/** The `Stream-Cursor` of an answer to this request. */
export const liveCursorOf = ({ host, query }: Exchange): string =>
  liveCursor(host.now(), host.random(), query.cursor)
