/**
 * Counts the HTTP/1.1 requests in what a client sends, by their heads and the lengths of their bodies (RFC 9112 §6). It
 * keeps a bounded part of a head, and stops counting at the first thing that it does not know: an upgrade, TLS, HTTP/2.
 */

const MOST_HEAD_BYTES = 65_536
const LF = 10

type State =
  | { readonly in: 'head' }
  | { readonly in: 'body'; left: number }
  /** Of a chunked body: at the line that says how long the next chunk is, or in the trailer behind the last one. */
  | { readonly in: 'chunk-size' }
  | { readonly in: 'trailer' }
  | { readonly in: 'chunk'; left: number }
  | { readonly in: 'unknown' }

export class RequestCounter {
  count = 0
  #state: State = { in: 'head' }
  #line = ''
  #head: string[] = []
  #headBytes = 0

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const state = this.#state
      if (state.in === 'unknown') return
      if (state.in === 'body' || state.in === 'chunk') {
        const taken = Math.min(state.left, bytes.length - at)
        at += taken
        state.left -= taken
        if (state.left === 0) this.#state = state.in === 'body' ? { in: 'head' } : { in: 'chunk-size' }
      } else {
        at = this.#takeLine(bytes, at)
      }
    }
  }

  #takeLine(bytes: Uint8Array, start: number): number {
    const end = bytes.indexOf(LF, start)
    const stop = end < 0 ? bytes.length : end + 1
    this.#headBytes += stop - start
    if (this.#headBytes > MOST_HEAD_BYTES) {
      this.#state = { in: 'unknown' }
      return stop
    }
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString('latin1')
    if (end >= 0) {
      const line = this.#line.replace(/\r?\n$/, '')
      this.#line = ''
      this.#endLine(line)
    }
    return stop
  }

  #endLine(line: string): void {
    if (this.#state.in === 'chunk-size') {
      const size = Number.parseInt(line, 16)
      this.#headBytes = 0
      if (Number.isNaN(size)) this.#state = { in: 'unknown' }
      // The line end behind a chunk is part of it here.
      else this.#state = size === 0 ? { in: 'trailer' } : { in: 'chunk', left: size + 2 }
    } else if (this.#state.in === 'trailer') {
      if (line !== '') return
      this.#headBytes = 0
      this.#state = { in: 'head' }
    } else if (line !== '') {
      this.#head.push(line)
      if (this.#head.length === 1 && !/^[A-Z]+ \S+ HTTP\/1\.[01]$/.test(line)) this.#state = { in: 'unknown' }
    } else if (this.#head.length > 0) {
      this.#endHead()
    }
  }

  #endHead(): void {
    const field = (name: string): string | undefined =>
      this.#head
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim()
    this.count++
    const length = Number(field('content-length') ?? 0)
    if (field('upgrade') !== undefined || !Number.isSafeInteger(length)) this.#state = { in: 'unknown' }
    else if (field('transfer-encoding') !== undefined) this.#state = { in: 'chunk-size' }
    else this.#state = length > 0 ? { in: 'body', left: length } : { in: 'head' }
    this.#head = []
    this.#headBytes = 0
  }
}
