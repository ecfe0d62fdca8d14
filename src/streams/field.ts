/**
 * Fields of a request's head that are believed, and so may stand there once. Node joins or drops the second one of
 * the same name; here it is a refusal, since a proxy on the way may have believed the other.
 */
import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '../protocol/index.ts'

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,15})$/

/** @param name in lower case. @throws ProtocolError `malformed` when it stands there twice */
export const fieldOf = (incoming: IncomingMessage, name: string): string | undefined => {
  const { rawHeaders } = incoming
  let value: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const found = rawHeaders[at] as string
    if (found.length !== name.length || found.toLowerCase() !== name) continue
    if (value !== undefined) throw new ProtocolError('malformed', `${name} stands there twice`)
    value = (rawHeaders[at + 1] as string).trim()
  }
  return value
}

/** A field of 1 to `most` printable ASCII characters. @throws ProtocolError `malformed` */
export const textField = (incoming: IncomingMessage, name: string, most: number): string | undefined => {
  const text = fieldOf(incoming, name)
  if (text === undefined) return undefined
  if (text.length === 0 || text.length > most || !/^[\x20-\x7e]*$/.test(text)) {
    throw new ProtocolError('malformed', `${name} is 1 to ${most} printable ASCII characters`)
  }
  return text
}

/** A whole number to 2^53 − 1 in one spelling: no sign, no zero in front. @throws ProtocolError `malformed` */
export const numberField = (incoming: IncomingMessage, name: string): number | undefined => {
  const text = fieldOf(incoming, name)
  if (text === undefined) return undefined
  const number = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) {
    throw new ProtocolError('malformed', `${name} is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  }
  return number
}

/** `true`, in any case; `false` and its absence are the same. @throws ProtocolError `malformed` */
export const flagField = (incoming: IncomingMessage, name: string): boolean => {
  const text = fieldOf(incoming, name)?.toLowerCase() ?? 'false'
  if (text !== 'true' && text !== 'false') throw new ProtocolError('malformed', `${name} is true or false`)
  return text === 'true'
}
