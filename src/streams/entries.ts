/** The body of an append as the entries it becomes, within the bounds of a publication. */
import type { AppendEntry } from '../channel/index.ts'
import { ProtocolError } from '../protocol/index.ts'
import { decodeUtf8, type Limits, readBytes } from '../transport/index.ts'
import type { Exchange } from './exchange.ts'
import { decodeEntries } from './json-entries.ts'
import type { Mode } from './media-type.ts'
import { StreamRefusal } from './refusal.ts'

/** Of one append: entries are cheap to send and each costs something to keep. */
const MAX_ENTRIES = 1_000

/** @throws (rejects with) ProtocolError `too_large` | `malformed` */
export const readEntriesBody = async ({ host, incoming }: Exchange): Promise<Buffer> => {
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new StreamRefusal('malformed', 'a body comes as it is, not encoded', { status: 415 })
  }
  // What is appended stays, and must not keep the request around it.
  return Buffer.from(await readBytes(incoming, host.limits.messageBytes))
}

/**
 * One entry per JSON value, or one of all the bytes; none for an empty body.
 * @throws ProtocolError `too_large` | `malformed`
 */
export const entriesOf = (body: Buffer, mode: Mode, limits: Limits): AppendEntry[] => {
  if (body.length === 0) return []
  const payloads = mode === 'json' ? decodeEntries(decodeUtf8(body)) : [body]
  if (payloads.length > MAX_ENTRIES)
    throw new ProtocolError('too_large', `an append is at most ${MAX_ENTRIES} entries`)
  for (const payload of payloads) {
    const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
    if (bytes > limits.publicationBytes)
      throw new ProtocolError(
        'too_large',
        `an entry is at most ${limits.publicationBytes} bytes; this one has ${bytes}`,
      )
  }
  return payloads.map((data) => ({ data }))
}
