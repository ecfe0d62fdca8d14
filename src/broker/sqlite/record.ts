/**
 * One entry of a log as bytes: as it lies in the file, and as it crosses between the threads, so that a page is
 * copied and not taken apart. It carries its own checksum, and the chain stamp of everything up to it. It knows
 * nothing of tables.
 *
 * `sum u32 · stamp u32 · offset f64 · time f64 · total f64 · weight u32 · producer? u8 [id · epoch f64 · seq f64] ·`
 * `body`, and the body is `shape u8 · [key] · data`, what the stamp chains over.
 */
import { crc32 } from 'node:zlib'
import {
  type AppendEntry,
  type Payload,
  type ProducerStamp,
  type Publication,
  weigh,
} from '../../channel/index.ts'
import { ByteReader, type ByteWriter } from './packing.ts'

const STAMP_AT = 4
const OFFSET_AT = 8
const TIME_AT = 16
const TOTAL_AT = 24
const WEIGHT_AT = 32
const PRODUCER_AT = 36
/** Bytes that say everything but who and what. */
export const HEADER_BYTES: number = 37

const TEXT = 1
const REMOVED = 2
const KEYED = 4

/** What an entry is before it has a place: its body, and what it weighs in retention. */
export interface Body {
  readonly bytes: Uint8Array
  readonly weight: number
}

/** Where an entry goes. */
export interface Placing {
  readonly offset: number
  readonly time: number
  /** What all entries of this life weigh, up to and including this one. */
  readonly total: number
  readonly producer: ProducerStamp | undefined
  readonly stamp: number
}

/** Writes the body of an entry, with its length and weight before it. */
export const writeBody = (writer: ByteWriter, entry: AppendEntry): void => {
  writer.u32(weigh(entry))
  const lengthAt = writer.length
  writer.u32(0)
  const text = typeof entry.data === 'string'
  writer.u8((text ? TEXT : 0) | (entry.remove === true ? REMOVED : 0) | (entry.key === undefined ? 0 : KEYED))
  if (entry.key !== undefined) writer.text(entry.key)
  if (typeof entry.data === 'string') writer.rawText(entry.data)
  else writer.raw(entry.data)
  writer.patchU32(lengthAt, writer.length - lengthAt - 4)
}

/** What the rules ask of an entry: its key, and of what type it is; the payload itself stays packed. */
export const readShape = (body: Uint8Array): AppendEntry => {
  const reader = new ByteReader(body)
  const shape = reader.u8()
  const data: Payload = (shape & TEXT) === 0 ? NO_BYTES : ''
  const remove = (shape & REMOVED) !== 0
  return (shape & KEYED) === 0 ? { data, remove } : { data, remove, key: reader.text() }
}

const NO_BYTES = new Uint8Array(0)

/** Where the chain of one life of a log begins. Its records verify with it and with no other. */
export const chainSeed = (channel: string, epoch: string): number => crc32(`${epoch} ${channel}`)

export const chainStamp = (previous: number, body: Uint8Array): number => crc32(body, previous)

/** As cursors spell it. */
export const spellStamp = (stamp: number): string => stamp.toString(16).padStart(8, '0')

export const encodeRecord = (seed: number, body: Body, placing: Placing): Buffer => {
  const { producer } = placing
  const idBytes = producer === undefined ? 0 : Buffer.byteLength(producer.id)
  const bodyAt = HEADER_BYTES + (producer === undefined ? 0 : 4 + idBytes + 16)
  const record = Buffer.allocUnsafe(bodyAt + body.bytes.length)
  record.writeUInt32LE(placing.stamp, STAMP_AT)
  record.writeDoubleLE(placing.offset, OFFSET_AT)
  record.writeDoubleLE(placing.time, TIME_AT)
  record.writeDoubleLE(placing.total, TOTAL_AT)
  record.writeUInt32LE(body.weight, WEIGHT_AT)
  record[PRODUCER_AT] = producer === undefined ? 0 : 1
  if (producer !== undefined) {
    record.writeUInt32LE(idBytes, HEADER_BYTES)
    record.write(producer.id, HEADER_BYTES + 4)
    record.writeDoubleLE(producer.epoch, bodyAt - 16)
    record.writeDoubleLE(producer.seq, bodyAt - 8)
  }
  record.set(body.bytes, bodyAt)
  record.writeUInt32LE(crc32(record.subarray(STAMP_AT), seed), 0)
  return record
}

/** Reads the parts of a record that retention, the resume rule and the checks ask for. */
export class RecordView {
  readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get stamp(): number {
    return this.bytes.readUInt32LE(STAMP_AT)
  }

  get offset(): number {
    return this.bytes.readDoubleLE(OFFSET_AT)
  }

  get time(): number {
    return this.bytes.readDoubleLE(TIME_AT)
  }

  get total(): number {
    return this.bytes.readDoubleLE(TOTAL_AT)
  }

  get weight(): number {
    return this.bytes.readUInt32LE(WEIGHT_AT)
  }

  get body(): Buffer {
    return this.bytes.subarray(this.#bodyAt)
  }

  /** Whether these are the bytes that were written as `offset` of the life that `seed` stands for. */
  isWhole(seed: number, offset: number): boolean {
    const { bytes } = this
    if (bytes.length <= HEADER_BYTES) return false
    return bytes.readUInt32LE(0) === crc32(bytes.subarray(STAMP_AT), seed) && this.offset === offset
  }

  /** Whether it follows an entry with this stamp. */
  follows(previous: number): boolean {
    return chainStamp(previous, this.body) === this.stamp
  }

  get #bodyAt(): number {
    return this.bytes[PRODUCER_AT] === 0
      ? HEADER_BYTES
      : HEADER_BYTES + 4 + this.bytes.readUInt32LE(HEADER_BYTES) + 16
  }
}

export const decodeRecord = (bytes: Uint8Array): Publication => {
  const view = new RecordView(bytes)
  const reader = new ByteReader(bytes, HEADER_BYTES)
  const producer: ProducerStamp | undefined =
    bytes[PRODUCER_AT] === 0 ? undefined : { id: reader.text(), epoch: reader.f64(), seq: reader.f64() }
  const shape = reader.u8()
  const key = (shape & KEYED) === 0 ? undefined : reader.text()
  const payload = reader.rest()
  return {
    offset: view.offset,
    time: view.time,
    // A copy: the page's buffer must not live as long as one of its publications.
    data: (shape & TEXT) === 0 ? Uint8Array.from(payload) : payload.toString('utf8'),
    key,
    removed: (shape & REMOVED) !== 0,
    producer,
    stamp: spellStamp(view.stamp),
  }
}
