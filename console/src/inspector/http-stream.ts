/**
 * One direction of a connection that speaks HTTP/1.1 (RFC 9112), taken apart as it passes: heads, bodies, and the bytes
 * that only frame them. What it does not understand it hands on as it is, and never throws.
 */

export interface Head {
  /** The request line or the status line. */
  readonly first: string
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  readonly bytes: number
}

export interface HttpEvents {
  head(head: Head): void
  /** A part of the present message's body. */
  body(bytes: Uint8Array): void
  /** Bytes that say how long the parts of a body are. */
  framing(bytes: number): void
  /** The message is complete. */
  end(): void
  /** No HTTP follows: bytes of another protocol, or of none that is known. */
  raw(bytes: Uint8Array): void
}

const MOST_HEAD_BYTES = 65_536
const LF = 10
const latin1 = new TextDecoder('latin1')

type Place =
  | { readonly at: 'head' | 'chunk-size' | 'trailer' | 'raw' | 'until-close' }
  | { readonly at: 'body' | 'chunk'; left: number }
  /** The line end behind a chunk. */
  | { readonly at: 'chunk-end'; left: number }

export class HttpStream {
  readonly #side: 'request' | 'answer'
  readonly #events: HttpEvents
  #place: Place = { at: 'head' }
  #held: number[] = []
  #lines: string[] = []
  #headBytes = 0

  constructor(side: 'request' | 'answer', events: HttpEvents) {
    this.#side = side
    this.#events = events
  }

  /** What follows is not HTTP: the other direction said so. */
  upgrade(): void {
    this.#place = { at: 'raw' }
  }

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) at = this.#step(bytes, at)
  }

  #step(bytes: Uint8Array, at: number): number {
    const place = this.#place
    switch (place.at) {
      case 'raw':
        this.#events.raw(bytes.subarray(at))
        return bytes.length
      case 'until-close':
        this.#events.body(bytes.subarray(at))
        return bytes.length
      case 'body':
      case 'chunk':
      case 'chunk-end':
        return this.#take(place, bytes, at)
      default:
        return this.#line(bytes, at)
    }
  }

  #take(place: Extract<Place, { left: number }>, bytes: Uint8Array, at: number): number {
    const end = Math.min(at + place.left, bytes.length)
    place.left -= end - at
    if (place.at === 'chunk-end') this.#events.framing(end - at)
    else this.#events.body(bytes.subarray(at, end))
    if (place.left > 0) return end
    if (place.at === 'body') this.#finish()
    else this.#place = place.at === 'chunk' ? { at: 'chunk-end', left: 2 } : { at: 'chunk-size' }
    return end
  }

  #line(bytes: Uint8Array, start: number): number {
    const found = bytes.indexOf(LF, start)
    const end = found < 0 ? bytes.length : found + 1
    for (let at = start; at < end; at++) this.#held.push(bytes[at]!)
    if (this.#held.length + this.#headBytes > MOST_HEAD_BYTES) {
      this.#giveUp()
      return end
    }
    if (found >= 0) {
      const length = this.#held.length
      const text = latin1.decode(new Uint8Array(this.#held)).replace(/\r?\n$/, '')
      this.#held = []
      this.#endLine(text, length)
    }
    return end
  }

  #endLine(text: string, length: number): void {
    if (this.#place.at === 'head') {
      this.#headLine(text, length)
      return
    }
    this.#events.framing(length)
    if (this.#place.at === 'trailer') {
      if (text === '') this.#finish()
      return
    }
    const size = Number.parseInt(text, 16)
    if (!(size >= 0)) this.#giveUp()
    else this.#place = size === 0 ? { at: 'trailer' } : { at: 'chunk', left: size }
  }

  #headLine(text: string, length: number): void {
    this.#headBytes += length
    if (text !== '') {
      this.#lines.push(text)
      const known = this.#side === 'request' ? /^[A-Z]+ \S+ HTTP\/1\.\d$/ : /^HTTP\/1\.\d \d{3}/
      if (this.#lines.length === 1 && !known.test(text)) this.#giveUp()
      return
    }
    if (this.#lines.length === 0) return
    const [first = '', ...fields] = this.#lines
    const headers = fields.flatMap((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
    const bytes = this.#headBytes
    this.#lines = []
    this.#headBytes = 0
    const place = this.#bodyOf(first, headers)
    this.#place = place
    this.#events.head({ first, headers, bytes })
    if (place.at === 'head') this.#events.end()
  }

  /** How the body that follows a head ends (RFC 9112 §6.3). */
  #bodyOf(first: string, headers: readonly string[]): Place {
    const status = this.#side === 'answer' ? Number(first.slice(9, 12)) : 0
    if (status === 101) return { at: 'raw' }
    if (status === 204 || status === 304 || (status > 0 && status < 200)) return { at: 'head' }
    const coding = valueOf(headers, 'transfer-encoding')
    if (coding !== undefined && /chunked\s*$/i.test(coding)) return { at: 'chunk-size' }
    const length = valueOf(headers, 'content-length')
    if (length === undefined) return { at: status > 0 ? 'until-close' : 'head' }
    const left = Number(length)
    if (!Number.isSafeInteger(left) || left < 0) return { at: 'raw' }
    return left === 0 ? { at: 'head' } : { at: 'body', left }
  }

  #finish(): void {
    this.#place = { at: 'head' }
    this.#events.end()
  }

  /** What was read as the beginning of a head was none. */
  #giveUp(): void {
    this.#place = { at: 'raw' }
    this.#held = []
    this.#lines = []
  }
}

/** A header's value, whichever case its name is in. */
export const valueOf = (headers: readonly string[], name: string): string | undefined => {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === name) return headers[at + 1]
  }
  return undefined
}
