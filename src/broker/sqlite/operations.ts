/**
 * What the node's thread asks of the store's, packed: any number of operations in one buffer, carried out in their
 * order. Times and chance come with each of them, since the store has none of its own.
 */
import {
  type AppendEntry,
  type Beginning,
  type ChannelOptions,
  formatCursor,
  formatPosition,
  parseCursor,
  parsePosition,
  type AppendRequest,
  type ListRequest,
  type Producer,
  type ReadRequest,
} from '../../channel/index.ts'
import { readOptions, writeOptions } from './options-packing.ts'
import type { ByteReader, ByteWriter } from './packing.ts'
import { type Body, writeBody } from './record.ts'
import type { Moment } from './store.ts'
import type { PackedAppend, PackedBeginning } from './stored-channel.ts'

export type Asked =
  | { readonly kind: 'append'; readonly request: AppendRequest }
  | { readonly kind: 'read'; readonly request: ReadRequest }
  | {
      readonly kind: 'create'
      readonly channel: string
      readonly options: ChannelOptions
      readonly beginning: Beginning | undefined
    }
  | { readonly kind: 'close' | 'delete' | 'describe' | 'knows' | 'tail'; readonly channel: string }
  | ({ readonly kind: 'list' } & ListRequest)
  | { readonly kind: 'trim'; readonly channel: string; readonly before: number }
  | { readonly kind: 'fence'; readonly channel: string; readonly id: string; readonly epoch: number }
  | { readonly kind: 'sweep' | 'dispose' }

/** The same on the other side: what is appended stays packed. */
export type Operation = Moment &
  (
    | Exclude<Asked, { kind: 'append' | 'create' }>
    | { readonly kind: 'append'; readonly request: PackedAppend }
    | {
        readonly kind: 'create'
        readonly channel: string
        readonly options: ChannelOptions
        readonly beginning: PackedBeginning | undefined
      }
  )

const KINDS = [
  'append',
  'read',
  'create',
  'close',
  'delete',
  'describe',
  'knows',
  'tail',
  'list',
  'trim',
  'fence',
  'sweep',
  'dispose',
] as const

const PRODUCER = 1
const AGAIN = 2
const EXPECT = 4
const CREATE = 8
const CLOSE = 16
const CONFLATE = 32
const SEQUENCE = 64

export const writeOperation = (writer: ByteWriter, asked: Asked, moment: Moment): void => {
  writer.u8(KINDS.indexOf(asked.kind))
  writer.f64(moment.nowMs)
  writer.f64(moment.random)
  switch (asked.kind) {
    case 'append':
      return writeAppend(writer, asked.request)
    case 'read':
      return writeRead(writer, asked.request)
    case 'create':
      writer.text(asked.channel)
      writeOptions(writer, asked.options)
      writer.u8(asked.beginning === undefined ? 0 : asked.beginning.close === true ? 2 : 1)
      return writeEntries(writer, asked.beginning?.entries ?? [])
    case 'close':
    case 'delete':
    case 'describe':
    case 'knows':
    case 'tail':
      return writer.text(asked.channel)
    case 'list':
      writer.text(asked.after)
      writer.text(asked.contains)
      return writer.f64(asked.limit)
    case 'trim':
      writer.text(asked.channel)
      return writer.f64(asked.before)
    case 'fence':
      writer.text(asked.channel)
      writer.text(asked.id)
      return writer.f64(asked.epoch)
    case 'sweep':
    case 'dispose':
  }
}

export const readOperation = (reader: ByteReader): Operation => {
  const kind = KINDS[reader.u8()] as (typeof KINDS)[number]
  const moment: Moment = { nowMs: reader.f64(), random: reader.f64() }
  switch (kind) {
    case 'append':
      return { ...moment, kind, request: readAppend(reader) }
    case 'read':
      return { ...moment, kind, request: readRead(reader) }
    case 'create':
      return {
        ...moment,
        kind,
        channel: reader.text(),
        options: readOptions(reader),
        beginning: readBeginning(reader),
      }
    case 'close':
    case 'delete':
    case 'describe':
    case 'knows':
    case 'tail':
      return { ...moment, kind, channel: reader.text() }
    case 'list':
      return { ...moment, kind, after: reader.text(), contains: reader.text(), limit: reader.f64() }
    case 'trim':
      return { ...moment, kind, channel: reader.text(), before: reader.f64() }
    case 'fence':
      return { ...moment, kind, channel: reader.text(), id: reader.text(), epoch: reader.f64() }
    case 'sweep':
    case 'dispose':
      return { ...moment, kind }
  }
}

const writeAppend = (writer: ByteWriter, request: AppendRequest): void => {
  const { channel, producer, expect, sequence, create, close, entries } = request
  writer.text(channel)
  writer.u8(
    (producer === undefined ? 0 : PRODUCER) |
      (producer?.again === true ? AGAIN : 0) |
      (expect === undefined ? 0 : EXPECT) |
      (create === undefined ? 0 : CREATE) |
      (close === true ? CLOSE : 0) |
      (sequence === undefined ? 0 : SEQUENCE),
  )
  if (producer !== undefined) {
    writer.text(producer.id)
    writer.f64(producer.epoch)
    writer.f64(producer.seq)
  }
  if (expect !== undefined) writer.text(formatCursor(expect))
  if (sequence !== undefined) writer.text(sequence)
  if (create !== undefined) writeOptions(writer, create)
  writeEntries(writer, entries)
}

const writeEntries = (writer: ByteWriter, entries: readonly AppendEntry[]): void => {
  writer.u32(entries.length)
  for (const entry of entries) writeBody(writer, entry)
}

const readBodies = (reader: ByteReader): Body[] => {
  const bodies: Body[] = []
  for (let left = reader.u32(); left > 0; left--) bodies.push({ weight: reader.u32(), bytes: reader.bytes() })
  return bodies
}

const readBeginning = (reader: ByteReader): PackedBeginning | undefined => {
  const begins = reader.u8()
  const bodies = readBodies(reader)
  return begins === 0 ? undefined : { bodies, close: begins === 2 }
}

const readAppend = (reader: ByteReader): PackedAppend => {
  const channel = reader.text()
  const flags = reader.u8()
  const producer: Producer | undefined =
    (flags & PRODUCER) === 0
      ? undefined
      : { id: reader.text(), epoch: reader.f64(), seq: reader.f64(), again: (flags & AGAIN) !== 0 }
  // A cursor that is spelled as none can be no tail; its own epoch is as good as any other that is not the log's.
  const expect = (flags & EXPECT) === 0 ? undefined : (parseCursor(reader.text()) ?? NOWHERE)
  const sequence = (flags & SEQUENCE) === 0 ? undefined : reader.text()
  const create = (flags & CREATE) === 0 ? undefined : readOptions(reader)
  const close = (flags & CLOSE) !== 0
  return { channel, producer, expect, sequence, create, close, bodies: readBodies(reader) }
}

const NOWHERE = { epoch: '', offset: -1 }

const writeRead = (writer: ByteWriter, request: ReadRequest): void => {
  const { channel, from, limit, conflate, create } = request
  writer.text(channel)
  writer.u8((create === undefined ? 0 : CREATE) | (conflate === true ? CONFLATE : 0))
  writer.text(formatPosition(from))
  writer.f64(limit.count)
  writer.f64(limit.bytes)
  if (create !== undefined) writeOptions(writer, create)
}

const readRead = (reader: ByteReader): ReadRequest => {
  const channel = reader.text()
  const flags = reader.u8()
  const from = parsePosition(reader.text()) ?? NOWHERE
  const limit = { count: reader.f64(), bytes: reader.f64() }
  const create = (flags & CREATE) === 0 ? undefined : readOptions(reader)
  return { channel, from, limit, create, conflate: (flags & CONFLATE) !== 0 }
}
