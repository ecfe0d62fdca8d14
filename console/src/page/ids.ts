/** Names for things that this page makes: messages, runs, people. */

/** 96 random bits. `crypto.randomUUID` is missing on pages without TLS. */
export const newId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
