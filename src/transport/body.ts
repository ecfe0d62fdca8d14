/** The body of a request, up to a size: nothing of it is kept beyond that. */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '../protocol/index.ts'
import { PlainRequest } from '../wire/index.ts'
import type { Awaitable } from './gateway.ts'

/** A body that is text. @throws (or rejects with) ProtocolError `too_large` | `malformed` */
export const readBody = (incoming: IncomingMessage, maxBytes: number): Awaitable<string> => {
  const bytes = readBytes(incoming, maxBytes)
  return bytes instanceof Promise ? bytes.then(decodeUtf8) : decodeUtf8(bytes)
}

/** @throws (or rejects with) ProtocolError `too_large` | `malformed` */
export const readBytes = (incoming: IncomingMessage, maxBytes: number): Awaitable<Buffer> => {
  if (!(incoming instanceof PlainRequest)) return collect(incoming, maxBytes)
  if (incoming.body.length > maxBytes) throw tooLarge(maxBytes)
  return incoming.body
}

const collect = (incoming: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const refuse = (error: ProtocolError): void => {
      incoming.off('data', take).off('end', end).off('error', cut).off('close', cut)
      chunks.length = 0
      reject(error)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > maxBytes) refuse(tooLarge(maxBytes))
    }
    const end = (): void => resolve(Buffer.concat(chunks, bytes))
    const cut = (): void => refuse(new ProtocolError('malformed', 'the body was cut off'))
    incoming.on('data', take).on('end', end).on('error', cut).on('close', cut)
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) refuse(tooLarge(maxBytes))
  })

const tooLarge = (maxBytes: number): ProtocolError =>
  new ProtocolError('too_large', `a body is at most ${maxBytes} bytes`)

/** @throws ProtocolError `malformed` */
export const decodeUtf8 = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw new ProtocolError('malformed', 'the body is not UTF-8')
  // As a TextDecoder would: a byte order mark is no part of the text.
  return bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0)
}

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
