/**
 * Inflating (RFC 1951), slowly: one bit at a time, with codes looked up in plain maps, so that it can be read beside the
 * RFC. It is half of the oracle that reference.ts is, and shares no line and no library with what it judges.
 */

export type Inflation =
  | { readonly bytes: number[] }
  | { readonly fault: 'invalid' | 'cut-short' | 'too-large' | 'too-many-final-blocks' }

class Fault extends Error {
  readonly fault: 'invalid' | 'cut-short' | 'too-large'

  constructor(fault: Fault['fault']) {
    super(fault)
    this.fault = fault
  }
}

class Bits {
  at = 0
  readonly bytes: readonly number[]

  constructor(bytes: readonly number[]) {
    this.bytes = bytes
  }

  get atEnd(): boolean {
    return this.at >= 8 * this.bytes.length
  }

  /** Each byte's lowest bit is first (§3.1.1). */
  bit(): number {
    if (this.atEnd) throw new Fault('cut-short')
    const bit = (this.bytes[Math.floor(this.at / 8)]! >> (this.at % 8)) & 1
    this.at++
    return bit
  }

  number(size: number): number {
    let value = 0
    for (let place = 0; place < size; place++) value += this.bit() * 2 ** place
    return value
  }

  align(): void {
    this.at = 8 * Math.ceil(this.at / 8)
  }
}

/** From the code as text of 0 and 1 to the symbol. */
type Code = Map<string, number>

/** §3.2.2. An incomplete code is allowed only where it has one symbol or none (as zlib has it). */
const codeOf = (lengths: readonly number[], mayBeIncomplete: boolean): Code => {
  const code: Code = new Map()
  let next = 0
  let left = 1
  for (let length = 1; length <= 15; length++) {
    next *= 2
    left *= 2
    for (const [symbol, of] of lengths.entries()) {
      if (of !== length) continue
      code.set(next.toString(2).padStart(length, '0'), symbol)
      next++
      left--
      if (left < 0) throw new Fault('invalid')
    }
  }
  const used = lengths.filter((length) => length > 0)
  const lone = used.length === 0 || (used.length === 1 && used[0] === 1)
  if (left > 0 && !(mayBeIncomplete && lone)) throw new Fault('invalid')
  return code
}

const symbol = (bits: Bits, code: Code): number => {
  let word = ''
  while (word.length < 15) {
    word += bits.bit()
    const found = code.get(word)
    if (found !== undefined) return found
  }
  throw new Fault('invalid')
}

const FIXED: readonly [Code, Code] = [
  codeOf(
    Array.from({ length: 288 }, (_, value) => (value < 144 ? 8 : value < 256 ? 9 : value < 280 ? 7 : 8)),
    false,
  ),
  codeOf(
    Array.from({ length: 32 }, () => 5),
    false,
  ),
]

/** §3.2.7 */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

const dynamicCodes = (bits: Bits): readonly [Code, Code] => {
  const literals = bits.number(5) + 257
  const distances = bits.number(5) + 1
  const sizes = Array.from({ length: 19 }, () => 0)
  const count = bits.number(4) + 4
  // zlib's bounds: the alphabets have no more symbols than these.
  if (literals > 286 || distances > 30) throw new Fault('invalid')
  for (const place of ORDER.slice(0, count)) sizes[place] = bits.number(3)
  const code = codeOf(sizes, false)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const value = symbol(bits, code)
    if (value < 16) lengths.push(value)
    else if (value === 16 && lengths.length === 0) throw new Fault('invalid')
    else {
      const [repeated, times] =
        value === 16
          ? [lengths.at(-1)!, 3 + bits.number(2)]
          : [0, value === 17 ? 3 + bits.number(3) : 11 + bits.number(7)]
      for (let time = 0; time < times; time++) lengths.push(repeated)
    }
  }
  if (lengths.length > literals + distances || lengths[256] === 0) throw new Fault('invalid')
  return [codeOf(lengths.slice(0, literals), true), codeOf(lengths.slice(literals), true)]
}

/** §3.2.5: from a symbol to the extra bits and the least value. */
const LENGTHS: readonly [number, number][] = [
  ...Array.from({ length: 8 }, (_, index): [number, number] => [0, 3 + index]),
  ...[1, 2, 3, 4, 5].flatMap((extra) =>
    Array.from({ length: 4 }, (_, index): [number, number] => [extra, 3 + (4 + index) * 2 ** extra]),
  ),
  [0, 258],
]
const DISTANCES: readonly [number, number][] = [
  ...Array.from({ length: 2 }, (_, index): [number, number] => [0, 1 + index]),
  ...Array.from({ length: 14 }, (_, extra) => extra).flatMap((extra) =>
    Array.from({ length: 2 }, (_, index): [number, number] => [extra, 1 + (2 + index) * 2 ** extra]),
  ),
].slice(0, 30)

/**
 * The message of which these are the payloads (RFC 7692 §7.2.2): the four bytes are put back, and blocks are read to
 * the end, whichever of them is called final.
 */
export const inflateMessage = (
  payload: readonly number[],
  most: number,
  { windowSize = 32_768, mostFinalBlocks = Infinity }: { windowSize?: number; mostFinalBlocks?: number } = {},
): Inflation => {
  const bits = new Bits([...payload, 0x00, 0x00, 0xff, 0xff])
  const out: number[] = []
  let finalBlocks = 0
  try {
    while (!bits.atEnd) {
      const final = bits.bit()
      inflateBlock(bits, out, { most, windowSize })
      if (final === 0) continue
      if (++finalBlocks > mostFinalBlocks) return { fault: 'too-many-final-blocks' }
      bits.align()
    }
    return { bytes: out }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault }
    throw error
  }
}

const inflateBlock = (
  bits: Bits,
  out: number[],
  { most, windowSize }: { most: number; windowSize: number },
): void => {
  const put = (byte: number): void => {
    if (out.length === most) throw new Fault('too-large')
    out.push(byte)
  }
  const type = bits.number(2)
  if (type === 3) throw new Fault('invalid')
  if (type === 0) {
    bits.align()
    const length = bits.number(16)
    if (bits.number(16) !== 0xffff - length) throw new Fault('invalid')
    for (let count = 0; count < length; count++) put(bits.number(8))
    return
  }
  const [literals, distances] = type === 1 ? FIXED : dynamicCodes(bits)
  for (let value = symbol(bits, literals); value !== 256; value = symbol(bits, literals)) {
    if (value < 256) {
      put(value)
      continue
    }
    const length = LENGTHS[value - 257]
    if (length === undefined) throw new Fault('invalid')
    const count = length[1] + bits.number(length[0])
    const distance = DISTANCES[symbol(bits, distances)]
    if (distance === undefined) throw new Fault('invalid')
    const back = distance[1] + bits.number(distance[0])
    if (back > out.length || back > windowSize) throw new Fault('invalid')
    for (let copied = 0; copied < count; copied++) put(out[out.length - back]!)
  }
}
