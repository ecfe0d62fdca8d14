/**
 * What the store's thread answers, packed: one answer per operation, in their order, and after them how many
 * channels it has. Pages travel as records and are taken apart only here, on the node's thread.
 */
import type {
  AppendResult,
  ChannelInfo,
  Covering,
  CreateResult,
  Fenced,
  GapReason,
  LogStatus,
  Move,
  Page,
  Publication,
  RefusalCode,
} from '../../channel/index.ts'
import { type FaultKind, StoreFault } from './faults.ts'
import { readOptions, writeOptions } from './options-packing.ts'
import type { ByteReader, ByteWriter } from './packing.ts'
import type { PackedPage } from './page-reader.ts'
import { decodeRecord, spellStamp } from './record.ts'
import type { AppendOutcome, ChannelMove, Missing, StoredTail } from './store.ts'

/** What becomes of an operation in the store. */
export type Answer =
  | { readonly kind: 'append'; readonly outcome: AppendOutcome }
  | { readonly kind: 'read'; readonly page: PackedPage | Missing }
  | { readonly kind: 'create'; readonly result: CreateResult }
  | { readonly kind: 'found'; readonly found: boolean }
  | { readonly kind: 'names'; readonly names: string[] }
  | { readonly kind: 'info'; readonly info: ChannelInfo | undefined }
  | { readonly kind: 'tail'; readonly tail: StoredTail | undefined }
  | { readonly kind: 'trim'; readonly floor: number | undefined }
  | { readonly kind: 'fence'; readonly fenced: Fenced }
  | { readonly kind: 'sweep'; readonly moves: readonly ChannelMove[] }
  | { readonly kind: 'fault'; readonly fault: { readonly kind: FaultKind; readonly message: string } }

/** The same, as the node's thread takes it. */
export type Told =
  | { readonly kind: 'append'; readonly result: AppendResult; readonly stamps: readonly string[] }
  | { readonly kind: 'read'; readonly page: Page }
  | { readonly kind: 'tail'; readonly tail: TailEnd | undefined }
  | { readonly kind: 'fault'; readonly fault: StoreFault }
  | Exclude<Answer, { kind: 'append' | 'read' | 'tail' | 'fault' }>

/** The end of a log as it is in the store. */
export interface TailEnd {
  readonly after: number
  readonly publications: readonly Publication[]
  readonly at: Move
}

const KINDS = [
  'append',
  'read',
  'create',
  'found',
  'names',
  'info',
  'tail',
  'trim',
  'fence',
  'sweep',
  'fault',
] as const
const STATUSES: readonly LogStatus[] = ['open', 'closed', 'deleted']
const GAPS: readonly (GapReason | undefined)[] = [undefined, 'epoch', 'trimmed', 'ahead', 'rolled-back']

/** @param move how the log moved by the operation */
export const writeAnswer = (writer: ByteWriter, answer: Answer, move: Move | undefined): void => {
  writer.u8(KINDS.indexOf(answer.kind))
  writeMove(writer, move)
  switch (answer.kind) {
    case 'append':
      return writeAppended(writer, answer.outcome)
    case 'read':
      return writePage(writer, answer.page)
    case 'create':
      return writeCreated(writer, answer.result)
    case 'found':
      return writer.u8(answer.found ? 1 : 0)
    case 'names':
      writer.u32(answer.names.length)
      for (const name of answer.names) writer.text(name)
      return undefined
    case 'info':
      return writeInfo(writer, answer.info)
    case 'tail':
      return writeTail(writer, answer.tail)
    case 'trim':
      return writer.f64(answer.floor ?? -1)
    case 'fence':
      return writer.text(JSON.stringify(answer.fenced))
    case 'sweep':
      return writeMoves(writer, answer.moves)
    case 'fault':
      writer.text(answer.fault.kind)
      return writer.text(answer.fault.message)
  }
}

export const readAnswer = (reader: ByteReader): { readonly told: Told; readonly move: Move | undefined } => {
  const kind = KINDS[reader.u8()] as (typeof KINDS)[number]
  const move = readMove(reader)
  return { told: readTold(reader, kind), move }
}

const readTold = (reader: ByteReader, kind: (typeof KINDS)[number]): Told => {
  switch (kind) {
    case 'append':
      return readAppended(reader)
    case 'read':
      return { kind, page: readPage(reader) }
    case 'create':
      return { kind, result: readCreated(reader) }
    case 'found':
      return { kind, found: reader.u8() === 1 }
    case 'names':
      return { kind, names: Array.from({ length: reader.u32() }, () => reader.text()) }
    case 'info':
      return { kind, info: readInfo(reader) }
    case 'tail':
      return { kind, tail: readTail(reader) }
    case 'trim': {
      const floor = reader.f64()
      return { kind, floor: floor < 0 ? undefined : floor }
    }
    case 'fence':
      return { kind, fenced: JSON.parse(reader.text()) as Fenced }
    case 'sweep':
      return { kind, moves: readMoves(reader) }
    case 'fault': {
      const fault = reader.text() as FaultKind
      return { kind, fault: new StoreFault(fault, reader.text()) }
    }
  }
}

const writeMove = (writer: ByteWriter, move: Move | undefined): void => {
  writer.u8(move === undefined ? 0 : 1 + STATUSES.indexOf(move.status))
  if (move === undefined) return
  writer.text(move.epoch)
  writer.f64(move.floor)
  writer.f64(move.top)
}

const readMove = (reader: ByteReader): Move | undefined => {
  const status = STATUSES[reader.u8() - 1]
  return status === undefined
    ? undefined
    : { epoch: reader.text(), floor: reader.f64(), top: reader.f64(), status }
}

const writeMoves = (writer: ByteWriter, moves: readonly ChannelMove[]): void => {
  writer.u32(moves.length)
  for (const { channel, move } of moves) {
    writer.text(channel)
    writeMove(writer, move)
  }
}

const readMoves = (reader: ByteReader): ChannelMove[] => {
  const moves: ChannelMove[] = []
  for (let left = reader.u32(); left > 0; left--) {
    moves.push({ channel: reader.text(), move: readMove(reader) as Move })
  }
  return moves
}

const writeAppended = (writer: ByteWriter, outcome: AppendOutcome): void => {
  if (outcome.kind !== 'appended') {
    writer.u8(0)
    return writer.text(JSON.stringify(outcome))
  }
  const { appended } = outcome
  writer.u8(1)
  writer.text(appended.epoch)
  writer.f64(appended.first)
  writer.f64(appended.time)
  writer.u32(appended.stamps.length)
  for (const stamp of appended.stamps) writer.u32(stamp)
  // The channel's own, where nothing was appended.
  writer.text(appended.stamp)
}

const readAppended = (reader: ByteReader): Told => {
  if (reader.u8() === 0)
    return { kind: 'append', result: JSON.parse(reader.text()) as AppendResult, stamps: [] }
  const [epoch, first, time] = [reader.text(), reader.f64(), reader.f64()]
  const stamps: string[] = []
  for (let left = reader.u32(); left > 0; left--) stamps.push(spellStamp(reader.u32()))
  const last = first + stamps.length - 1
  return {
    kind: 'append',
    result: { kind: 'appended', epoch, first, last, time, stamp: reader.text() },
    stamps,
  }
}

const writePage = (writer: ByteWriter, page: PackedPage | Missing): void => {
  if (page.kind === 'missing') {
    writer.u8(0)
    return writer.text(page.code)
  }
  writer.u8(1)
  writeMove(writer, page)
  const { metadata } = page
  writer.u8((page.bytesChannel ? 1 : 0) | (page.conflated ? 2 : 0) | (metadata === undefined ? 0 : 4))
  if (metadata !== undefined) writer.text(metadata)
  writer.u8(GAPS.indexOf(page.gap))
  writer.f64(page.skippedFrom ?? -1)
  writer.f64(page.after)
  writer.f64(page.upTo)
  writer.text(page.stamp ?? '')
  writer.u32(page.entries.length)
  for (const { from, record } of page.entries) {
    writer.f64(from)
    writer.bytes(record)
  }
}

const readPage = (reader: ByteReader): Page => {
  if (reader.u8() === 0) return { kind: 'missing', code: reader.text() as Missing['code'] }
  const { epoch, floor, top, status } = readMove(reader) as Move
  const flags = reader.u8()
  const metadata = (flags & 4) === 0 ? undefined : reader.text()
  const gap = GAPS[reader.u8()]
  const [skippedFrom, after, upTo] = [reader.f64(), reader.f64(), reader.f64()]
  const stamp = reader.text()
  const entries: Covering[] = []
  for (let left = reader.u32(); left > 0; left--)
    entries.push({ from: reader.f64(), publication: decodeRecord(reader.bytes()) })
  return {
    kind: 'page',
    epoch,
    floor,
    top,
    status,
    contentType: (flags & 1) === 0 ? 'json' : 'bytes',
    conflated: (flags & 2) !== 0,
    metadata,
    gap,
    skippedFrom: skippedFrom < 0 ? undefined : skippedFrom,
    after,
    upTo,
    stamp: stamp === '' ? undefined : stamp,
    entries,
  }
}

const writeTail = (writer: ByteWriter, tail: StoredTail | undefined): void => {
  writeMove(writer, tail?.at)
  if (tail === undefined) return
  writer.f64(tail.after)
  writer.u32(tail.records.length)
  for (const record of tail.records) writer.bytes(record)
}

const readTail = (reader: ByteReader): TailEnd | undefined => {
  const at = readMove(reader)
  if (at === undefined) return undefined
  const after = reader.f64()
  const publications: Publication[] = []
  for (let left = reader.u32(); left > 0; left--) publications.push(decodeRecord(reader.bytes()))
  return { after, publications, at }
}

const writeCreated = (writer: ByteWriter, result: CreateResult): void => {
  writer.text(result.kind)
  if (result.kind === 'refused') writer.text(result.code)
  else writeInfo(writer, result.info)
}

const readCreated = (reader: ByteReader): CreateResult => {
  const kind = reader.text() as CreateResult['kind']
  if (kind === 'refused') return { kind, code: reader.text() as RefusalCode }
  return { kind, info: readInfo(reader) as ChannelInfo }
}

const writeInfo = (writer: ByteWriter, info: ChannelInfo | undefined): void => {
  writeMove(writer, info)
  if (info === undefined) return
  writer.text(info.channel)
  writeOptions(writer, info.options)
  writer.f64(info.createdMs)
  writer.f64(info.bytes)
  writer.text(info.stamp ?? '')
}

const readInfo = (reader: ByteReader): ChannelInfo | undefined => {
  const move = readMove(reader)
  if (move === undefined) return undefined
  const [channel, options] = [reader.text(), readOptions(reader)]
  const { epoch, floor, top, status } = move
  const [createdMs, bytes, stamp] = [reader.f64(), reader.f64(), reader.text()]
  const info: ChannelInfo = { channel, options, epoch, floor, top, status, createdMs, bytes }
  return stamp === '' ? info : { ...info, stamp }
}
