/**
 * What a bidder holds up: a secret that this browser makes once and keeps. The server shows only what follows from it,
 * so nobody else can bid as this bidder, and a reloaded page is still the same one.
 */
const KEY = 'holdfast.auction.paddle'

/** 96 random bits. `crypto.randomUUID` is missing on pages without TLS. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

const recall = (): string | undefined => {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

const make = (): string => {
  const made = newId() + newId()
  try {
    localStorage.setItem(KEY, made)
  } catch {
    // Storage is switched off or full: it is kept for as long as the page lives.
  }
  return made
}

let current: string | undefined

export const paddle = (): string => (current ??= recall() ?? make())
