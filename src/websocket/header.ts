// The grammar of the header fields that the handshake reads (RFC 9110 §5.6): tokens and comma-separated lists, scanned
// by hand in linear time. It refuses nothing by itself; it answers `undefined` where a value does not follow the
// grammar, and its caller knows what that costs the peer.

import { CallerError } from './errors.ts'

/** Names and values in turn, as they came. */
export type HeaderList = readonly string[]

const isTokenCode: Uint8Array = buildTokenCodes()

function buildTokenCodes(): Uint8Array {
  const codes = new Uint8Array(128)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (const character of "!#$%&'*+-.^_`|~0123456789" + letters + letters.toUpperCase()) {
    codes[character.charCodeAt(0)] = 1
  }
  return codes
}

export const COMMA = 0x2c
const SPACE = 0x20
const TAB = 0x09
const UPPER_A = 0x41
const UPPER_Z = 0x5a
const TO_LOWER = 0x20

/** The index behind the token that begins at `start`; `start` itself if there is none. */
export function skipToken(text: string, start: number): number {
  let at = start
  while (at < text.length && isTokenCode[text.charCodeAt(at)] === 1) at++
  return at
}

export function skipSpace(text: string, start: number): number {
  let at = start
  while (at < text.length && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at++
  return at
}

export function isToken(text: string): boolean {
  return text !== '' && skipToken(text, 0) === text.length
}

/** Whether a value is visible ASCII, spaces and tabs: all that the handshake's headers may hold. */
export function isPlainAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7e || (code < SPACE && code !== TAB)) return false
  }
  return true
}

/** The tokens of a comma-separated list; empty elements are skipped (RFC 9110 §5.6.1.2). */
export function parseTokens(text: string): string[] | undefined {
  const tokens: string[] = []
  let at = 0
  for (;;) {
    at = skipSpace(text, at)
    const end = skipToken(text, at)
    if (end > at) tokens.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (at === text.length) return tokens
    if (text.charCodeAt(at) !== COMMA) return undefined
    at++
  }
}

/** Whether it is this text, which is in lower case, in any case of its letters. */
function isInAnyCase(text: string, lowerCase: string): boolean {
  if (text.length !== lowerCase.length) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const lower = code >= UPPER_A && code <= UPPER_Z ? code + TO_LOWER : code
    if (lower !== lowerCase.charCodeAt(at)) return false
  }
  return true
}

/** Whether the list has the token, which is in lower case, in any case. */
export function hasToken(text: string, token: string): boolean {
  if (isInAnyCase(text, token)) return true
  const tokens = parseTokens(text)
  return tokens !== undefined && tokens.some((candidate) => isInAnyCase(candidate, token))
}

/** Where the field with this lower-case name stands, from `start` on (an even index); -1 if it does not. */
export function findHeader(headers: HeaderList, name: string, start = 0): number {
  for (let at = start; at + 1 < headers.length; at += 2) {
    if (isInAnyCase(headers[at]!, name)) return at
  }
  return -1
}

/** The values of every field with this lower-case name, in order. */
export function headerValues(headers: HeaderList, name: string): string[] {
  const values: string[] = []
  for (let at = findHeader(headers, name); at >= 0; at = findHeader(headers, name, at + 2)) {
    values.push(headers[at + 1]!)
  }
  return values
}

/** One line of a head that we write. Throws a CallerError for what would not stay in its line. */
export function headerLine(name: string, value: string): string {
  if (!isToken(name) || !isPlainAscii(value)) {
    throw new CallerError('invalid-header', `cannot send the header ${JSON.stringify(name)}`)
  }
  return `${name}: ${value}\r\n`
}
