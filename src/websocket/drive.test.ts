// What the tests of this room share: bytes in hex, a connection over chunks, and every way to cut bytes in pieces. No
// test stands here.

import { Connection, type ConnectionEvent, type ConnectionSettings } from './connection.ts'

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function settings(overrides: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    role: 'server',
    maxPayloadBytes: 1000,
    maxFragments: 4,
    maxPendingPongs: 3,
    decodeText(bytes, start, end, ascii) {
      const part = bytes.subarray(start, end)
      if (ascii && part.some((byte) => byte >= 0x80)) throw new Error('called ASCII what is not')
      try {
        return decoder.decode(part)
      } catch {
        return undefined
      }
    },
    encodeText: (text) => new TextEncoder().encode(text),
    allocate: (size) => new Uint8Array(size),
    ...overrides,
  }
}

/** An event with its bytes in hex, so that no view of a chunk outlives it. */
export type Heard = Record<string, unknown>

export function heard(event: ConnectionEvent): Heard {
  if (event.type === 'binary') return { binary: toHex(event.data) }
  if (event.type === 'text') return { text: event.data }
  if (event.type === 'part') return { part: toHex(event.data), text: event.text, last: event.last }
  if (event.type === 'close') {
    const { code, reason, error } = event
    return error === undefined ? { close: code, reason } : { close: code, error: error.code }
  }
  return { [event.type]: toHex(event.payload) }
}

/** Feeds the chunks and wipes each when its events are read, as a socket that reuses its buffer would. */
export function feed(connection: Connection, chunks: Iterable<Uint8Array>): Heard[] {
  const events: Heard[] = []
  for (const original of chunks) {
    const chunk = original.slice()
    connection.receive(chunk)
    for (let event = connection.next(); event !== undefined; event = connection.next())
      events.push(heard(event))
    chunk.fill(0xff)
  }
  return events
}

export const sent = (connection: Connection): string => connection.output.map(toHex).join(' ')

export function open(overrides: Partial<ConnectionSettings> = {}): Connection {
  return new Connection(settings(overrides))
}

/** The bytes whole, cut in two at every place, and one by one. */
export function* everySplit(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes]
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield Array.from(bytes, (byte) => Uint8Array.of(byte))
}

/** A masked frame's hex from an unmasked one's: the key 00000000 masks nothing. */
export function masked(frame: string): string {
  const bytes = Buffer.from(hex(frame))
  const form = bytes[1]! & 0x7f
  const head = form < 126 ? 2 : form === 126 ? 4 : 10
  bytes[1]! |= 0x80
  return Buffer.concat([bytes.subarray(0, head), Buffer.alloc(4), bytes.subarray(head)]).toString('hex')
}
