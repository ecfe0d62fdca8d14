// What a peer sent, as text for a terminal: nothing that it contains can move the cursor, change colours, ring, reorder
// or hide what stands beside it. It also draws bytes as a dump and a frame's header as RFC 6455 §5.2 draws it. It
// writes nothing itself.

import type { AnnotatedFrame } from '../../websocket/index.ts'

/** Controls, lone surrogates, unassigned ones, and what has no width or turns the direction of writing. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text on one line, with `\n` and `\u{1b}` for what must not be taken literally. */
export const printable = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replace(UNSAFE, (char) => SHORT[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`)

/** At most so many characters, with an ellipsis for the rest. */
export const shorten = (text: string, most: number): string => {
  if (text.length <= most) return text
  // Never between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 2)) ? most - 2 : most - 1
  return `${text.slice(0, Math.max(end, 0))}…`
}

/** Sixteen bytes a line: offset, hexadecimal, ASCII. */
export const hexDump = (bytes: Uint8Array): string[] => {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16))
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0'))
    const halves = `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${halves.padEnd(48)}  |${ascii}|`)
  }
  return lines
}

interface Field {
  readonly bits: string
  /** Lines below the bits; of a field one bit wide, one letter each. */
  readonly label: readonly string[]
}

const RULER = [
  ' 0                   1                   2                   3',
  ` ${Array.from({ length: 32 }, (_, bit) => bit % 10).join(' ')}`,
]

/** The header's bits in rows of 32, under the ruler of RFC 6455 §5.2. */
export const drawHeader = (frame: AnnotatedFrame): string[] => {
  const lines = [...RULER]
  for (const row of rowsOf(fieldsOf(frame))) {
    const border = `+${row.map(({ bits }) => '-'.repeat(width(bits))).join('+')}+`
    if (lines.length === RULER.length) lines.push(border)
    lines.push(`|${row.map(({ bits }) => bits.split('').join(' ')).join('|')}|`)
    const depth = Math.max(...row.map(({ label }) => label.length))
    for (let line = 0; line < depth; line++) {
      lines.push(`|${row.map(({ bits, label }) => centre(label[line] ?? '', width(bits))).join('|')}|`)
    }
    lines.push(border)
  }
  return lines
}

const width = (bits: string): number => 2 * bits.length - 1

const centre = (text: string, size: number): string => {
  const shown = text.slice(0, size)
  return shown.padStart(shown.length + Math.ceil((size - shown.length) / 2)).padEnd(size)
}

const letters = (word: string): string[] => word.split('')

const fieldsOf = (frame: AnnotatedFrame): Field[] => {
  const bits = Array.from(frame.header, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const fields: Field[] = []
  let at = 0
  const take = (count: number, ...label: string[]): void => {
    fields.push({ bits: bits.slice(at, at + count), label })
    at += count
  }
  take(1, ...letters('FIN'))
  take(1, ...letters('RSV1'))
  take(1, ...letters('RSV2'))
  take(1, ...letters('RSV3'))
  take(4, 'opcode', shorten(frame.opcodeName, 7))
  take(1, ...letters('MASK'))
  take(
    7,
    'Payload len',
    frame.lengthBits === 7 ? `${frame.payloadLength} bytes` : `${frame.lengthBits} bits:`,
  )
  if (frame.lengthBits > 7) take(frame.lengthBits, 'Extended payload length', `${frame.payloadLength} bytes`)
  if (frame.masked) take(32, 'Masking-key')
  return fields
}

const rowsOf = (fields: readonly Field[]): Field[][] => {
  const rows: Field[][] = [[]]
  let room = 32
  for (const field of fields) {
    for (let at = 0; at < field.bits.length;) {
      if (room === 0) {
        rows.push([])
        room = 32
      }
      const bits = field.bits.slice(at, at + room)
      rows.at(-1)!.push({ bits, label: at === 0 ? field.label : [`${field.label[0]}, continued`] })
      at += bits.length
      room -= bits.length
    }
  }
  return rows
}
