/**
 * JSON mode: a body becomes entries, and entries become a body. One level of an outermost array is taken off, so
 * that a batch is several entries. Values keep their spelling, numbers beyond 2^53 included; only white space
 * between tokens goes, so that an entry never holds a line break.
 */
import { MAX_JSON_DEPTH, ProtocolError } from '../protocol/index.ts'

/**
 * The JSON texts of the entries in a body.
 * @throws ProtocolError `malformed`
 */
export const decodeEntries = (body: string): string[] => {
  try {
    // It decides what is JSON; what follows only has to find its way through what is.
    JSON.parse(body)
  } catch {
    throw new ProtocolError('malformed', 'the body is not JSON')
  }
  return splitEntries(body)
}

/** The body that holds these entries. */
export const joinEntries = (entries: readonly string[]): string => `[${entries.join(',')}]`

const splitEntries = (json: string): string[] => {
  const entries: string[] = []
  const batch = firstToken(json) === '['
  const outermost = batch ? 1 : 0
  let depth = 0
  let entry = ''
  for (let at = 0; at < json.length; at++) {
    const char = json[at] as string
    if (isSpace(char)) continue
    if (char === '"') {
      const end = endOfString(json, at)
      entry += json.slice(at, end + 1)
      at = end
      continue
    }
    if (char === ']' || char === '}') depth--
    const between = batch && (depth === 0 || (depth === 1 && char === ','))
    if (char === '[' || char === '{') depth++
    if (depth - outermost > MAX_JSON_DEPTH) {
      throw new ProtocolError('malformed', `JSON nested more than ${MAX_JSON_DEPTH} deep`)
    }
    if (!between) entry += char
    else if (char !== '[') entry = finish(entries, entry)
  }
  if (!batch) entries.push(entry)
  return entries
}

/** Only the end of an empty array ends no entry. */
const finish = (entries: string[], entry: string): '' => {
  if (entry.length > 0) entries.push(entry)
  return ''
}

const firstToken = (json: string): string | undefined => {
  let at = 0
  while (isSpace(json[at] as string)) at++
  return json[at]
}

const isSpace = (char: string): boolean => char === ' ' || char === '\n' || char === '\r' || char === '\t'

/** Where the string that begins at `start` ends: at the first quote that is not escaped. */
const endOfString = (json: string, start: number): number => {
  let at = start + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at
}
