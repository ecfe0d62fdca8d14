// Masking (RFC 6455 §5.3), in place. A key is the 32-bit number whose most significant byte masks first, aligned with
// the byte it is applied to: for a payload that arrives in pieces, rotate it by what was consumed. It chooses no keys;
// they must be unpredictable (§10.3) and are handed in.

/** Below this many bytes the set-up of a word view costs more than it saves. */
const WORD_THRESHOLD = 48

const scratchBytes = new Uint8Array(4)
const scratchWord = new Int32Array(scratchBytes.buffer)

/** The key for the byte that follows `consumed` masked bytes. */
export function rotateKey(key: number, consumed: number): number {
  const bits = (consumed & 3) << 3
  return bits === 0 ? key : (key << bits) | (key >>> (32 - bits))
}

/**
 * Masks or unmasks `bytes[start, end)` in place. Returns whether every byte of the result is ASCII, which is free to
 * learn here and spares text a second pass.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): boolean {
  if (end - start < WORD_THRESHOLD) return maskByBytes(bytes, start, end, key) < 0x80
  const aligned = start + (-(bytes.byteOffset + start) & 3)
  const wordCount = (end - aligned) >> 2
  const tail = aligned + (wordCount << 2)
  let seen = maskByBytes(bytes, start, aligned, key)
  const tailKey = rotateKey(key, aligned - start)
  seen |= maskByWords(new Int32Array(bytes.buffer, bytes.byteOffset + aligned, wordCount), tailKey)
  seen |= maskByBytes(bytes, tail, end, tailKey)
  return seen < 0x80
}

function maskByBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  let seen = 0
  let rotating = key
  for (let i = start; i < end; i++) {
    const byte = bytes[i]! ^ (rotating >>> 24)
    rotating = (rotating << 8) | (rotating >>> 24)
    bytes[i] = byte
    seen |= byte
  }
  return seen
}

function maskByWords(words: Int32Array, key: number): number {
  // Through bytes, so that the word has this machine's byte order without asking which it is.
  scratchBytes[0] = key >>> 24
  scratchBytes[1] = key >>> 16
  scratchBytes[2] = key >>> 8
  scratchBytes[3] = key
  const mask = scratchWord[0]!
  let seen = 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i]! ^ mask
    words[i] = word
    seen |= word
  }
  return (seen & 0x80808080) === 0 ? 0 : 0x80
}
