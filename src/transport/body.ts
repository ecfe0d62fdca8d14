/** The body of a request, up to a size: nothing of it is kept beyond that. */
import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '../protocol/index.ts'

/** A body that is text. @throws (rejects with) ProtocolError `too_large` | `malformed` */
export const readBody = async (incoming: IncomingMessage, maxBytes: number): Promise<string> =>
  decodeUtf8(await readBytes(incoming, maxBytes))

/** @throws (rejects with) ProtocolError `too_large` | `malformed` */
export const readBytes = (incoming: IncomingMessage, maxBytes: number): Promise<Buffer> =>
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

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** @throws ProtocolError `malformed` */
export const decodeUtf8 = (bytes: Buffer): string => {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new ProtocolError('malformed', 'the body is not UTF-8')
  }
}
