/**
 * How a run of entries is written: as a body, or as one event of an SSE answer. Each is one object, so that everyone
 * at the same place is sent the same bytes.
 */
import { type Covering, formatCursor, type Payload } from '../channel/index.ts'
import type { ChannelName, Framing } from '../hub/index.ts'
import { joinEntries } from './json-entries.ts'
import type { Mode } from './media-type.ts'

type Entries = readonly Covering[]

const jsonOf = (entries: Entries): string =>
  joinEntries(entries.map(({ publication }) => textOf(publication.data)))

const bytesOf = (entries: Entries): Buffer =>
  Buffer.concat(
    entries.map(({ publication: { data } }) => (typeof data === 'string' ? Buffer.from(data) : data)),
  )

const textOf = (data: Payload): string => (typeof data === 'string' ? data : Buffer.from(data).toString())

const JSON_BODY: Framing<Buffer> = { encode: (_channel, entries) => Buffer.from(jsonOf(entries)) }
const BYTES_BODY: Framing<Buffer> = { encode: (_channel, entries) => bytesOf(entries) }

const JSON_EVENT: Framing<Buffer> = {
  encode: (channel, entries) => dataEvent(channel, entries, dataLine(jsonOf(entries))),
}
const TEXT_EVENT: Framing<Buffer> = {
  encode: (channel, entries) => dataEvent(channel, entries, dataLines(bytesOf(entries).toString())),
}
const BASE64_EVENT: Framing<Buffer> = {
  encode: (channel, entries) => dataEvent(channel, entries, dataLine(bytesOf(entries).toString('base64'))),
}

const BODIES: Record<Mode, Framing<Buffer>> = { json: JSON_BODY, text: BYTES_BODY, binary: BYTES_BODY }
const EVENTS: Record<Mode, Framing<Buffer>> = { json: JSON_EVENT, text: TEXT_EVENT, binary: BASE64_EVENT }

export const bodyFraming = (mode: Mode): Framing<Buffer> => BODIES[mode]

export const eventFraming = (mode: Mode): Framing<Buffer> => EVENTS[mode]

/**
 * The event has an id, so that an EventSource that comes back says where it was: after the last entry, even if the
 * `control` event behind this one never came.
 */
const dataEvent = (channel: ChannelName, entries: Entries, lines: string): Buffer => {
  const { offset, stamp } = (entries.at(-1) as Covering).publication
  return Buffer.from(`event: data\n${lines}id:${formatCursor({ epoch: channel.epoch, offset, stamp })}\n\n`)
}

const dataLine = (text: string): string => `data:${text}\n`

/** Every kind of line break ends a line there; a space in front of a line would be taken off by the reader. */
const dataLines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => dataLine(line.startsWith(' ') ? ` ${line}` : line))
    .join('')
