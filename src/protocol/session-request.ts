/**
 * The one body of the HTTP carriers: everything a node must know of a client stands in its request, so that
 * any node can answer it. And the answer that regular and long polling share.
 */
import {
  type Command,
  decodeCommand,
  decodeSubscribeSpec,
  type Fields,
  idOfRefused,
  isFields,
  type SubscribeSpec,
  checkChannelName,
} from './commands.ts'
import { ProtocolError, type WireError } from './errors.ts'
import type { Reply, ServerEvent } from './events.ts'

/** `false`: regular polling, answered at once. */
export type Live = false | 'long-poll' | 'sse'

export interface SessionRequest {
  readonly session: string | undefined
  readonly token: string | undefined
  readonly subscribe: ReadonlyMap<string, SubscribeSpec>
  readonly commands: readonly DecodedCommand[]
  readonly live: Live
  /** Publications that the answer may hold at most. */
  readonly limit: number | undefined
  /** How long the client wants to be held, milliseconds; the node may hold shorter. */
  readonly holdMs: number | undefined
}

/** A command of a batch, or why it is none: one bad command does not sink those beside it. */
export type DecodedCommand =
  { readonly command: Command } | { readonly id: number | undefined; readonly error: WireError }

/** What a poll is answered with. */
export interface SessionAnswer {
  readonly events: readonly ServerEvent[]
  readonly replies?: readonly Reply[]
  /** Where each subscribed channel stands after these events. */
  readonly cursors: Readonly<Record<string, string>>
  /** Regular polling: when to ask again, milliseconds. 0: there is more. */
  readonly next?: number
}

/** @throws ProtocolError */
export const decodeSessionRequest = (value: unknown, maxChannels: number): SessionRequest => {
  if (!isFields(value)) throw new ProtocolError('malformed', 'the body is a JSON object')
  return {
    session: optionalText(value, 'session'),
    token: optionalText(value, 'token'),
    subscribe: decodeSubscriptions(value['subscribe'], maxChannels),
    commands: decodeCommands(value['commands']),
    live: decodeLive(value['live']),
    limit: optionalCount(value, 'limit', 1),
    holdMs: optionalCount(value, 'holdMs', 0),
  }
}

const decodeSubscriptions = (value: unknown, maxChannels: number): Map<string, SubscribeSpec> => {
  const subscriptions = new Map<string, SubscribeSpec>()
  if (value === undefined) return subscriptions
  if (!isFields(value)) throw new ProtocolError('malformed', '`subscribe` is an object of channels')
  const channels = Object.keys(value)
  if (channels.length > maxChannels) {
    throw new ProtocolError('too_many_subscriptions', `at most ${maxChannels} channels in one request`)
  }
  for (const channel of channels) {
    const spec = value[channel]
    if (!isFields(spec)) throw new ProtocolError('malformed', '`subscribe` gives an object per channel')
    subscriptions.set(checkChannelName(channel), decodeSubscribeSpec(spec))
  }
  return subscriptions
}

const MAX_COMMANDS = 1_000

const decodeCommands = (value: unknown): DecodedCommand[] => {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new ProtocolError('malformed', '`commands` is an array')
  if (value.length > MAX_COMMANDS)
    throw new ProtocolError('too_large', `at most ${MAX_COMMANDS} commands in one request`)
  return value.map((each) => {
    try {
      return { command: decodeCommand(each) }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return { id: idOfRefused(each), error: error.toWire() }
    }
  })
}

const decodeLive = (value: unknown): Live => {
  if (value === undefined || value === false) return false
  if (value === 'long-poll' || value === 'sse') return value
  throw new ProtocolError('malformed', '`live` is false, long-poll or sse')
}

const optionalText = (fields: Fields, field: string): string | undefined => {
  const value = fields[field]
  if (value === undefined || typeof value === 'string') return value
  throw new ProtocolError('malformed', `\`${field}\` is a string`)
}

const optionalCount = (fields: Fields, field: string, least: number): number | undefined => {
  const value = fields[field]
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least))
    return value as number | undefined
  throw new ProtocolError('malformed', `\`${field}\` is a whole number from ${least} up`)
}
