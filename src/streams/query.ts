/** What the query of a request for a stream says. Parameters that are not this face's are nobody's. */
import { ProtocolError } from '../protocol/index.ts'

export interface StreamQuery {
  readonly offset: string | undefined
  readonly live: string | undefined
  /** What `Stream-Cursor` said last. */
  readonly cursor: string | undefined
}

const NONE: StreamQuery = { offset: undefined, live: undefined, cursor: undefined }
/** Nothing in it stands for something else. */
const PLAIN = /^[\w.~&=-]*$/

/** @param text behind the question mark. @throws ProtocolError `malformed` where one that is believed stands there twice */
export const decodeQuery = (text: string): StreamQuery => {
  if (text === '') return NONE
  const pairs = PLAIN.test(text) ? text.split('&').map(pairOf) : new URLSearchParams(text)
  let [offset, live, cursor]: (string | undefined)[] = []
  for (const [name, value] of pairs) {
    if (name === 'offset') offset = once(name, offset, value)
    else if (name === 'live') live = once(name, live, value)
    else if (name === 'cursor') cursor ??= value
  }
  return { offset, live, cursor }
}

const pairOf = (text: string): readonly [string, string] => {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const once = (name: string, before: string | undefined, value: string): string => {
  if (before !== undefined) throw new ProtocolError('malformed', `\`${name}\` stands there twice`)
  return value
}
