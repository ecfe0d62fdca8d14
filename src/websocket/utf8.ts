// A streaming UTF-8 validator (RFC 3629): it says at the first bad byte that a text can no longer become valid, even
// in the middle of a character. It refuses overlong forms, surrogates and anything above U+10FFFF; it decodes nothing.

/** The state between two characters; a text may end only here. */
export const UTF8_BOUNDARY = 0
/** The state after a byte that no valid text has there. */
export const UTF8_INVALID = -1

// A state inside a character: how many continuation bytes are missing (bits 0-1), and between which values the next
// one must lie (bits 8-15 and 16-23).
const missing = (count: number, lowest: number, highest: number): number =>
  count | (lowest << 8) | (highest << 16)

const stateAfterLead: Int32Array = buildLeads()

function buildLeads(): Int32Array {
  const leads = new Int32Array(128).fill(UTF8_INVALID)
  leads.fill(missing(1, 0x80, 0xbf), 0xc2 - 0x80, 0xe0 - 0x80)
  leads.fill(missing(2, 0x80, 0xbf), 0xe0 - 0x80, 0xf0 - 0x80)
  leads.fill(missing(3, 0x80, 0xbf), 0xf0 - 0x80, 0xf5 - 0x80)
  leads[0xe0 - 0x80] = missing(2, 0xa0, 0xbf)
  leads[0xed - 0x80] = missing(2, 0x80, 0x9f)
  leads[0xf0 - 0x80] = missing(3, 0x90, 0xbf)
  leads[0xf4 - 0x80] = missing(3, 0x80, 0x8f)
  return leads
}

/** Validates `bytes[start, end)` from `state` on and returns the new state, or UTF8_INVALID. */
export function validateUtf8(bytes: Uint8Array, start: number, end: number, state: number): number {
  let current = state
  for (let i = start; i < end; i++) {
    if (current === UTF8_BOUNDARY) i = skipAscii(bytes, i, end)
    if (i === end) break
    const byte = bytes[i]!
    if (current === UTF8_BOUNDARY) {
      current = stateAfterLead[byte - 0x80]!
      if (current === UTF8_INVALID) return UTF8_INVALID
    } else {
      if (byte < ((current >> 8) & 0xff) || byte > current >> 16) return UTF8_INVALID
      const left = (current & 3) - 1
      current = left === 0 ? UTF8_BOUNDARY : missing(left, 0x80, 0xbf)
    }
  }
  return current
}

/** The index of the first byte at or after `start` that is not ASCII, or `end`. */
export function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  while (i + 4 <= end && (bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!) < 0x80) i += 4
  while (i < end && bytes[i]! < 0x80) i++
  return i
}
