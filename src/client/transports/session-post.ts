/**
 * One request of the HTTP carriers: a POST whose body says everything about the client, and what can be learnt
 * from an answer that is none. It never asks twice.
 */
import { PROTOCOL_VERSION, type WireError } from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import type { SubscribeFields } from '../feed.ts'
import type { TransportHost } from './transport.ts'

export interface HttpAccess {
  /** The session endpoint. */
  readonly url: string
  readonly fetch: typeof fetch
}

export interface SessionPost {
  readonly live: false | 'long-poll' | 'sse'
  readonly hello?: boolean
  /** Channels, each with how to ask for it. */
  readonly subscribe?: ReadonlyMap<string, SubscribeFields | undefined>
  readonly holdMs?: number | undefined
  /** Commands as JSON texts. */
  readonly commands?: readonly string[]
}

const HELLO = JSON.stringify({ type: 'hello', id: 0, version: PROTOCOL_VERSION })

/** The answer, whose status is 200. @throws TransportError */
export const post = async (
  { url, fetch }: HttpAccess,
  { credentials }: TransportHost,
  { hello, subscribe = new Map(), commands = [], ...request }: SessionPost,
  signal: AbortSignal,
): Promise<Response> => {
  const head = JSON.stringify({ ...credentials, ...request, subscribe: Object.fromEntries(subscribe) })
  const body = `${head.slice(0, -1)},"commands":[${(hello ? [HELLO] : commands).join()}]}`
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
    throw new TransportError('unreachable', 'no answer came', cause)
  })
  if (response.ok) return response
  throw await refusalOf(response)
}

const refusalOf = async (response: Response): Promise<TransportError> => {
  const { status, headers } = response
  const retryAfterMs = Number(headers.get('retry-after')) * 1_000 || undefined
  // A proxy's own page is no JSON, or no refusal: the status has to do.
  const answer = (await response.json().catch(() => undefined)) as { error?: WireError } | undefined
  if (answer?.error?.retry) return refused(answer.error, retryAfterMs)
  return Object.assign(new TransportError('cut', `HTTP status ${status}`), { retryAfterMs })
}
