/** `POST`: appends to a stream, closes it, or both in one step; once, where the request names its producer. */
import type { IncomingMessage } from 'node:http'
import type { AppendResult, Producer } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { entriesOf, readEntriesBody } from './entries.ts'
import { answerEmpty, demand, type Exchange } from './exchange.ts'
import { fieldOf, flagField, numberField, textField } from './field.ts'
import { checkContentType, essenceOf, modeOf } from './media-type.ts'
import { formatOffset } from './place.ts'
import { StreamRefusal } from './refusal.ts'
import { configOf } from './stream-config.ts'

/** As in every other place where a producer is named. */
const MAX_PRODUCER_ID = 128
const MAX_SEQUENCE = 256

interface Asked {
  readonly producer: Producer | undefined
  readonly sequence: string | undefined
  readonly close: boolean
  readonly body: Buffer
}

/** @throws (rejects with) ProtocolError */
export const appendToStream = async (exchange: Exchange): Promise<void> => {
  const { host, incoming, channel } = exchange
  const producer = producerOf(incoming)
  const sequence = textField(incoming, 'stream-seq', MAX_SEQUENCE)
  const close = flagField(incoming, 'stream-closed')
  const body = await readEntriesBody(exchange)
  if (body.length === 0 && !close) throw new ProtocolError('malformed', 'there is nothing to append')
  const asked: Asked = { producer, sequence, close, body }
  await demand(
    exchange,
    ...(body.length > 0 ? (['publish'] as const) : []),
    ...(close ? (['close'] as const) : []),
  )
  const entries = body.length === 0 ? [] : await decode(exchange, body)
  const result = await host.broker.append({ channel, entries, producer, sequence, close })
  if (result.kind === 'appended') host.counters.publications += entries.length
  answer(exchange, asked, result)
}

/** Entries of the stream's own kind. @throws (rejects with) ProtocolError */
const decode = async (
  { host, incoming, channel }: Exchange,
  body: Buffer,
): Promise<ReturnType<typeof entriesOf>> => {
  const given = fieldOf(incoming, 'content-type')
  if (given === undefined) throw new ProtocolError('malformed', 'Content-Type is missing')
  checkContentType(given)
  const info = await host.broker.describe(channel)
  if (info === undefined) throw StreamRefusal.missing()
  const { contentType } = configOf(info.options.metadata, info.options.contentType)
  if (essenceOf(given) !== essenceOf(contentType)) {
    throw new StreamRefusal('content_type', `the stream is ${contentType}`)
  }
  const entries = entriesOf(body, modeOf(contentType), host.limits)
  if (entries.length === 0) throw new ProtocolError('malformed', 'there is nothing to append')
  return entries
}

const answer = (exchange: Exchange, asked: Asked, result: AppendResult): void => {
  const { producer, close, body } = asked
  switch (result.kind) {
    case 'appended': {
      const { epoch, last: offset, stamp } = result
      return answerEmpty(exchange, producer !== undefined && body.length > 0 ? 200 : 204, {
        'stream-next-offset': formatOffset({ epoch, offset, stamp }),
        ...producerFields(producer, producer?.seq),
        ...closedFields(close),
      })
    }
    case 'duplicate':
      return answerEmpty(exchange, 204, {
        'stream-next-offset': formatOffset(result.tail),
        ...producerFields(producer, result.lastSeq),
        ...closedFields(result.status === 'closed'),
      })
    case 'refused':
      return answerRefused(exchange, asked, result)
  }
}

/** @throws StreamRefusal, unless what was asked for is so already */
const answerRefused = (
  exchange: Exchange,
  { producer, body }: Asked,
  { code, cursor, expected = 0 }: Extract<AppendResult, { kind: 'refused' }>,
): void => {
  switch (code) {
    case 'closed': {
      const fields = {
        ...(cursor === undefined ? {} : { 'stream-next-offset': formatOffset(cursor) }),
        ...closedFields(true),
      }
      if (body.length === 0 && producer === undefined) return answerEmpty(exchange, 204, fields)
      throw new StreamRefusal(code, 'the stream is closed', { fields })
    }
    case 'producer_fenced':
      throw new StreamRefusal(code, 'the producer has gone on to a later epoch', {
        fields: { 'producer-epoch': String(expected) },
      })
    case 'producer_hole':
    case 'producer_unknown':
      throw holeRefusal(code, expected, producer)
    case 'sequence_behind':
      throw new StreamRefusal(code, 'Stream-Seq is not greater than that of an append before')
    default:
      throw new StreamRefusal(code, code.replaceAll('_', ' '))
  }
}

/** A producer that is not known is one of which nothing has been accepted. */
const holeRefusal = (
  code: 'producer_hole' | 'producer_unknown',
  expected: number,
  producer: Producer | undefined,
): StreamRefusal => {
  if (code === 'producer_hole' && expected === 0) {
    return new StreamRefusal(code, 'a new producer epoch begins with sequence 0', { status: 400 })
  }
  return new StreamRefusal(code, 'a sequence before this one has not been accepted', {
    fields: {
      'producer-expected-seq': String(expected),
      'producer-received-seq': String(producer?.seq ?? 0),
    },
  })
}

/** All three fields or none. @throws ProtocolError `malformed` */
const producerOf = (incoming: IncomingMessage): Producer | undefined => {
  const id = textField(incoming, 'producer-id', MAX_PRODUCER_ID)
  const epoch = numberField(incoming, 'producer-epoch')
  const seq = numberField(incoming, 'producer-seq')
  if (id === undefined && epoch === undefined && seq === undefined) return undefined
  if (id === undefined || epoch === undefined || seq === undefined) {
    throw new ProtocolError('malformed', 'Producer-Id, Producer-Epoch and Producer-Seq come together')
  }
  return { id, epoch, seq }
}

const producerFields = (producer: Producer | undefined, seq: number = 0): Record<string, string> =>
  producer === undefined ? {} : { 'producer-epoch': String(producer.epoch), 'producer-seq': String(seq) }

const closedFields = (closed: boolean): Record<string, string> => (closed ? { 'stream-closed': 'true' } : {})
