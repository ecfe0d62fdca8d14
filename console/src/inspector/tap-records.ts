/**
 * What the node tells the page about the tapped connection, as bytes: one publication carries some records, in order.
 * Reading trusts nothing: what is no record ends the reading.
 */

export type Direction = 'up' | 'down'

export interface MovedRecord {
  readonly type: Direction
  readonly connection: number
  readonly timeMs: number
  /** Where in its direction the first byte stands: what is missing before it was not shown. */
  readonly offset: number
  readonly bytes: Uint8Array
}

export type TapRecord =
  | { readonly type: 'opened'; readonly connection: number; readonly timeMs: number }
  | { readonly type: 'closed'; readonly connection: number; readonly timeMs: number; readonly why: Why }
  | MovedRecord

export type Why = (typeof WHYS)[number]

const WHYS = ['ended', 'cut', 'idle', 'reset'] as const
const TYPES = ['opened', 'closed', 'up', 'down'] as const
/** Type, connection, time. */
const HEAD_BYTES = 13
/** Offset and length. */
const PLACE_BYTES = 12

export const encodeRecord = (record: TapRecord): Uint8Array => {
  const moved = 'bytes' in record ? record : undefined
  const size = HEAD_BYTES + (moved ? PLACE_BYTES + moved.bytes.length : record.type === 'closed' ? 1 : 0)
  const encoded = new Uint8Array(size)
  const view = new DataView(encoded.buffer)
  view.setUint8(0, TYPES.indexOf(record.type))
  view.setUint32(1, record.connection)
  view.setFloat64(5, record.timeMs)
  if (moved) {
    view.setFloat64(HEAD_BYTES, moved.offset)
    view.setUint32(HEAD_BYTES + 8, moved.bytes.length)
    encoded.set(moved.bytes, HEAD_BYTES + PLACE_BYTES)
  } else if (record.type === 'closed') {
    view.setUint8(HEAD_BYTES, WHYS.indexOf(record.why))
  }
  return encoded
}

export const decodeRecords = (data: Uint8Array): TapRecord[] => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const records: TapRecord[] = []
  let at = 0
  while (at + HEAD_BYTES <= data.length) {
    const type = TYPES[view.getUint8(at)]
    const connection = view.getUint32(at + 1)
    const timeMs = view.getFloat64(at + 5)
    at += HEAD_BYTES
    if (type === undefined || !Number.isFinite(timeMs)) break
    if (type === 'opened') {
      records.push({ type, connection, timeMs })
    } else if (type === 'closed') {
      const why = WHYS[at < data.length ? view.getUint8(at++) : -1]
      if (why === undefined) break
      records.push({ type, connection, timeMs, why })
    } else {
      if (at + PLACE_BYTES > data.length) break
      const offset = view.getFloat64(at)
      const end = at + PLACE_BYTES + view.getUint32(at + 8)
      if (end > data.length || !Number.isSafeInteger(offset)) break
      records.push({ type, connection, timeMs, offset, bytes: data.subarray(at + PLACE_BYTES, end) })
      at = end
    }
  }
  return records
}
