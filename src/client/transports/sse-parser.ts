/**
 * An event stream, taken apart as the HTML standard has it: lines end in CRLF, LF or CR, `data` lines of one
 * event are joined, a line that starts with a colon is a comment. Only `data` is kept; ids and names of events
 * are not used here. Chunks may end anywhere, also within a character.
 */

/** Characters of an event that has not ended; beyond it the stream is given up. */
const MAX_EVENT_LENGTH = 4 * 1024 * 1024

export class SseParser {
  readonly #event: (data: string) => void
  readonly #decoder = new TextDecoder()
  #line = ''
  #data: string | undefined
  /** The last chunk ended in CR: an LF that follows belongs to it. */
  #afterCr = false

  /** @param event is given the data of each event. */
  constructor(event: (data: string) => void) {
    this.#event = event
  }

  /** @throws RangeError when an event does not end. */
  push(chunk: Uint8Array): void {
    let text = this.#decoder.decode(chunk, { stream: true })
    if (!text) return
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1)
    this.#afterCr = text.endsWith('\r')
    const lines = text.split(/\r\n?|\n/)
    lines[0] = this.#line + lines[0]
    this.#line = lines.pop() as string
    for (const line of lines) this.#take(line)
    if (this.#line.length + (this.#data?.length ?? 0) > MAX_EVENT_LENGTH)
      throw new RangeError('an event does not end')
  }

  #take(line: string): void {
    if (!line) {
      if (this.#data !== undefined) this.#event(this.#data)
      this.#data = undefined
      return
    }
    const [field, value = ''] = /^data(?:: ?(.*))?$/s.exec(line) ?? []
    if (field !== undefined) this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
  }
}
