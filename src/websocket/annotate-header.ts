// What is wrong with one header, all of it. The rules are the parser's own: what it refuses is mended in a copy and the
// parser asked again, so that there is one wording of every rule and the parser need not know that it is quoted.

import { FrameError } from './errors.ts'
import { FIN, MAX_HEADER_LENGTH, writeFrameHeader } from './frame.ts'
import { FrameParser, type FrameRules } from './frame-parser.ts'

const RESERVED_BITS = 0x70

export interface HeaderJudgement {
  /** In the parser's order: the first is the one that it refuses the frame with. */
  readonly errors: readonly FrameError[]
  /** Stands behind the mended header; undefined when no length can be made out. */
  readonly parser: FrameParser | undefined
}

/** How many bytes a header has, as its second byte says. */
export function declaredHeaderLength(second: number): number {
  const form = second & 0x7f
  return (form < 126 ? 2 : form === 126 ? 4 : 10) + (second >= 0x80 ? 4 : 0)
}

/** The declared payload length, which is not exact beyond 2^53. */
export function declaredPayloadLength(header: Uint8Array): number {
  const form = header[1]! & 0x7f
  if (form < 126) return form
  let length = 0
  for (const byte of header.subarray(2, form === 126 ? 4 : 10)) length = length * 256 + byte
  return length
}

/** Judges a complete header; `messageRsv` as the parser takes it. */
export function judgeHeader(header: Uint8Array, rules: FrameRules, messageRsv: number): HeaderJudgement {
  const errors: FrameError[] = []
  let mended: Mended | undefined = { header: header.slice(), rules }
  while (mended !== undefined) {
    const parser = new FrameParser(mended.rules, messageRsv)
    parser.feed(mended.header)
    try {
      parser.readHeader()
      return { errors, parser }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      errors.push(error)
      mended = mend(mended, error)
    }
  }
  return { errors, parser: undefined }
}

interface Mended {
  readonly header: Uint8Array
  readonly rules: FrameRules
}

/** The same with what was refused made good, or undefined where nothing can be. */
function mend({ header, rules }: Mended, { code }: FrameError): Mended | undefined {
  const first = header[0]!
  const payloadLength = declaredPayloadLength(header)
  switch (code) {
    case 'reserved-bits':
      header[0] = first & ~RESERVED_BITS
      return { header, rules }
    case 'reserved-opcode':
      // To 0 or 8: what is asked of all data frames, or of all control frames, is still asked.
      header[0] = first & 0xf8
      return { header, rules }
    case 'fragmented-control':
      header[0] = first | FIN
      return { header, rules }
    case 'long-control':
      header[0] = first & 0xf0
      return { header, rules }
    case 'mask-missing':
      return { header, rules: { ...rules, role: 'client' } }
    case 'mask-forbidden':
      return { header, rules: { ...rules, role: 'server' } }
    case 'length-not-minimal':
      return { header: minimalHeader(header, payloadLength), rules }
    case 'too-large':
      if (!Number.isSafeInteger(payloadLength)) return undefined
      return { header, rules: { ...rules, maxPayloadBytes: Number.MAX_SAFE_INTEGER } }
    default:
      return undefined
  }
}

function minimalHeader(header: Uint8Array, payloadLength: number): Uint8Array {
  const minimal = new Uint8Array(MAX_HEADER_LENGTH)
  const key = header[1]! >= 0x80 ? 0 : undefined
  return minimal.subarray(0, writeFrameHeader(minimal, 0, header[0]!, payloadLength, key))
}
