/** `PUT`: makes a stream, or finds that it has been made in the same way already. */
import type { IncomingMessage } from 'node:http'
import type { CreateResult, Expiry } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import type { Action } from '../transport/index.ts'
import { entriesOf, readEntriesBody } from './entries.ts'
import { answerEmpty, demand, type Exchange } from './exchange.ts'
import { fieldOf, flagField } from './field.ts'
import { modeOf } from './media-type.ts'
import { fieldsOf, tailOf } from './place.ts'
import { StreamRefusal } from './refusal.ts'
import {
  configOf,
  decodeConfig,
  encodeMetadata,
  expiryOf,
  isSameConfig,
  payloadTypeOf,
  type StreamConfig,
} from './stream-config.ts'

const FORK_FIELDS = ['stream-forked-from', 'stream-fork-offset', 'stream-fork-sub-offset']

/** @throws (rejects with) ProtocolError */
export const createStream = async (exchange: Exchange): Promise<void> => {
  const { host, incoming, channel } = exchange
  refuseFork(incoming)
  const config = decodeConfig(incoming)
  const close = flagField(incoming, 'stream-closed')
  const body = await readEntriesBody(exchange)
  const entries = entriesOf(body, modeOf(config.contentType), host.limits)
  const wanted: Action[] = ['create']
  if (entries.length > 0) wanted.push('publish')
  if (close) wanted.push('close')
  await demand(exchange, ...wanted)
  const options = host.streamOptions(channel, payloadTypeOf(config))
  if (options === undefined) {
    throw new StreamRefusal('forbidden', 'the channels of this name are kept for something else')
  }
  const expiry = expiryWithin(options.expiry, expiryOf(config))
  const made = { ...options, expiry, metadata: encodeMetadata(config) }
  const beginning = entries.length > 0 || close ? { entries, close } : undefined
  const result = await host.broker.create(channel, made, beginning)
  if (result.kind === 'created') host.counters.publications += entries.length
  answer(exchange, { config, close }, result)
}

const answer = (
  exchange: Exchange,
  asked: { config: StreamConfig; close: boolean },
  result: CreateResult,
): void => {
  if (result.kind === 'refused') throw new ProtocolError(result.code, result.code.replaceAll('_', ' '))
  const { info } = result
  const config = configOf(info.options.metadata, info.options.contentType)
  const { closed, ...place } = tailOf(info)
  if (result.kind === 'exists' && (!isSameConfig(config, asked.config) || closed !== asked.close)) {
    throw new StreamRefusal('content_type', 'the stream was made in another way', {
      fields: closed ? { 'stream-closed': 'true' } : {},
    })
  }
  const created = result.kind === 'created'
  answerEmpty(exchange, created ? 201 : 200, {
    'content-type': config.contentType,
    ...fieldsOf({ ...place, upToDate: false, closed }),
    ...(created ? { location: urlOf(exchange.incoming) } : {}),
  })
}

/** What is asked for, where that is no later than what the rule says. @throws StreamRefusal */
const expiryWithin = (rule: Expiry | undefined, asked: Expiry | undefined): Expiry | undefined => {
  if (rule === undefined || asked === undefined) return asked ?? rule
  const sooner =
    asked.kind === 'idle'
      ? rule.kind === 'idle' && asked.afterMs <= rule.afterMs
      : rule.kind === 'at' && asked.atMs <= rule.atMs
  if (sooner) return asked
  throw new StreamRefusal('forbidden', 'the channels of this name go sooner, or in another way')
}

/** A stream made of another one's beginning would be taken for an empty one. @throws StreamRefusal */
const refuseFork = (incoming: IncomingMessage): void => {
  if (FORK_FIELDS.every((name) => fieldOf(incoming, name) === undefined)) return
  throw new StreamRefusal('malformed', 'streams cannot be forked here', { status: 501 })
}

/** The URL that was asked for, as far as this end of the connection can tell. */
const urlOf = ({ headers, socket, url = '' }: IncomingMessage): string => {
  const path = url.split('?', 1)[0] as string
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  return headers.host === undefined ? path : `${scheme}://${headers.host}${path}`
}
