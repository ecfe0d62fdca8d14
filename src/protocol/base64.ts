/** Bytes as base64 text, strictly: the decoder takes the standard alphabet with its padding and nothing else. */

// Both are part of every runtime that this package supports, and of no TypeScript library without the DOM.
declare const atob: (text: string) => string
declare const btoa: (text: string) => string

const CHUNK = 8_192

export const encodeBase64 = (bytes: Uint8Array): string => {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return btoa(binary)
}

/** The bytes, or undefined when `text` is not base64. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  // `atob` forgives missing padding and white space; one spelling per value is simpler to reason about.
  if (text.length % 4 !== 0 || /\s/.test(text)) return undefined
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return undefined
  }
  // Nor does it look at the bits that the last character has too many.
  if (btoa(binary.slice(binary.length - (binary.length % 3 || 3))) !== text.slice(-4)) return undefined
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
