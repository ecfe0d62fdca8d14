/**
 * Looks at a write-ahead log before SQLite does: SQLite takes the first frame whose checksum does not hold for the end
 * of what was written, and forgets what follows without a word. A crash can leave such a frame in the last
 * transaction alone, since every commit is synced before the next begins. Whatever follows a later commit was
 * synced, and has been damaged since. (Format: https://sqlite.org/fileformat2.html#walformat)
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { StoreFault } from './faults.ts'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** The lowest bit says that checksums are made of big-endian words. */
const MAGIC = 0x377f0682

interface Frame {
  readonly isCommit: boolean
  /** Of this generation of the log: with its salts. */
  readonly isCurrent: boolean
  readonly isWhole: boolean
}

/** @throws StoreFault `unusable` when what was synced is damaged. */
export const refuseDamagedWal = (file: string): void => {
  const path = `${file}-wal`
  if (!existsSync(path)) return
  const descriptor = openSync(path, 'r')
  try {
    const damaged = findDamage(descriptor)
    if (damaged === undefined) return
    throw new StoreFault(
      'unusable',
      `${path} is damaged (frame ${damaged}): what was acknowledged behind it would be lost. Restore both files from ` +
        'a backup, or remove this one to go on without: whoever has read further is then told of the gap.',
    )
  } finally {
    closeSync(descriptor)
  }
}

/** The number of the first damaged frame, 0 for the header; undefined when there is no evidence of damage. */
const findDamage = (descriptor: number): number | undefined => {
  const header = Buffer.alloc(HEADER_BYTES)
  if (readSync(descriptor, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined
  const magic = header.readUInt32BE(0)
  const sum = checksum(header.subarray(0, 24), (magic & 1) === 1, [0, 0])
  const whole =
    (magic & ~1) >>> 0 === MAGIC && sum[0] === header.readUInt32BE(24) && sum[1] === header.readUInt32BE(28)
  const pageBytes = header.readUInt32BE(8)
  if (!whole || pageBytes < 512 || pageBytes > 65_536) return 0
  let first: number | undefined
  let committed = false
  let number = 0
  for (const frame of framesOf(descriptor, header, pageBytes)) {
    number++
    if (first === undefined && !frame.isWhole) first = number
    if (first === undefined || !frame.isCurrent) continue
    // Behind a commit that is behind the damage: of a transaction that began after a sync.
    if (committed) return first
    committed = frame.isCommit
  }
  return undefined
}

function* framesOf(descriptor: number, header: Buffer, pageBytes: number): Generator<Frame> {
  const bigEndian = (header.readUInt32BE(0) & 1) === 1
  const salts = header.subarray(16, 24)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes)
  let sum: Sum = [header.readUInt32BE(24), header.readUInt32BE(28)]
  let before = true
  for (
    let at = HEADER_BYTES;
    readSync(descriptor, frame, 0, frame.length, at) === frame.length;
    at += frame.length
  ) {
    const isCurrent = frame.subarray(8, 16).equals(salts)
    if (before && isCurrent) {
      sum = checksum(frame.subarray(0, 8), bigEndian, sum)
      sum = checksum(frame.subarray(FRAME_HEADER_BYTES), bigEndian, sum)
      before = sum[0] === frame.readUInt32BE(16) && sum[1] === frame.readUInt32BE(20)
    } else {
      before = false
    }
    yield { isCommit: frame.readUInt32BE(4) !== 0, isCurrent, isWhole: before }
  }
}

type Sum = readonly [number, number]

const checksum = (bytes: Buffer, bigEndian: boolean, from: Sum): Sum => {
  let [one, two] = from
  for (let at = 0; at < bytes.length; at += 8) {
    const word = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
    const next = bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)
    one = (one + word + two) >>> 0
    two = (two + next + one) >>> 0
  }
  return [one, two]
}
