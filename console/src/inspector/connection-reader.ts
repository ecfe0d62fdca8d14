/**
 * Reads one tapped connection, both directions: HTTP first, and frames behind a 101. It makes items of what it reads,
 * and says when bytes are missing, after which nothing more of this connection can be understood.
 */
import { type AnnotatedFrame, FrameAnnotator } from 'holdfast/websocket/frames'
import { HttpStream, valueOf } from './http-stream.ts'
import { Exchange, type EventItem, type FrameItem, type MarkItem } from './items.ts'
import { SseCutter } from './sse-cutter.ts'
import type { Direction, MovedRecord, Why } from './tap-records.ts'

export interface ReaderHost {
  nextKey(): number
  add(item: FrameItem | EventItem | MarkItem | Exchange): void
  /** Payload of frames and bodies. */
  carried(bytes: number): void
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

export class ConnectionReader {
  readonly #id: number
  readonly #host: ReaderHost
  readonly #streams: Readonly<Record<Direction, HttpStream>>
  readonly #read: Record<Direction, number> = { up: 0, down: 0 }
  readonly #annotators: Partial<Record<Direction, FrameAnnotator>> = {}
  /** Requests that are not answered to their end, the oldest first. */
  readonly #open: Exchange[] = []
  #cutter: SseCutter | undefined
  #timeMs = 0
  #lost = false

  constructor(id: number, timeMs: number, host: ReaderHost) {
    this.#id = id
    this.#host = host
    this.#timeMs = timeMs
    this.#streams = { up: this.#requests(), down: this.#answers() }
    this.#mark('opened')
  }

  read({ type, timeMs, offset, bytes }: MovedRecord): void {
    if (this.#lost) return
    this.#timeMs = timeMs
    if (offset !== this.#read[type]) {
      this.#lost = true
      this.#mark('missed')
      return
    }
    this.#read[type] += bytes.length
    this.#streams[type].push(bytes)
  }

  end(timeMs: number, why: Why): void {
    this.#timeMs = timeMs
    for (const direction of ['up', 'down'] as const) {
      const cut = this.#annotators[direction]?.end()
      if (cut !== undefined && cut.stage !== 'cut-header') this.#frame(direction, cut)
    }
    for (const exchange of this.#open.splice(0)) {
      exchange.broken = exchange.status !== 101
      exchange.endMs = timeMs
      exchange.version++
    }
    this.#mark(why)
  }

  #seen(): { key: number; connection: number; timeMs: number } {
    return { key: this.#host.nextKey(), connection: this.#id, timeMs: this.#timeMs }
  }

  #mark(what: MarkItem['what']): void {
    this.#host.add({ kind: 'mark', what, ...this.#seen() })
  }

  #requests(): HttpStream {
    const newest = (): Exchange | undefined => this.#open.at(-1)
    return new HttpStream('request', {
      head: (head) => {
        const exchange = new Exchange(this.#seen(), head)
        this.#open.push(exchange)
        this.#host.add(exchange)
      },
      body: (bytes) => this.#carry(newest(), 'requestBody', bytes),
      framing: (bytes) => this.#frameBody(newest(), bytes),
      end: () => {
        const exchange = newest()
        if (exchange === undefined) return
        exchange.requestEndMs = this.#timeMs
        exchange.version++
      },
      raw: (bytes) => this.#annotate('up', bytes),
    })
  }

  #answers(): HttpStream {
    return new HttpStream('answer', {
      head: (head) => {
        const exchange = this.#open[0]
        if (exchange === undefined) return
        exchange.answer = head
        exchange.answerMs = this.#timeMs
        exchange.version++
        if (exchange.status === 101) this.#upgrade()
        const type = valueOf(head.headers, 'content-type') ?? ''
        this.#cutter = type.startsWith('text/event-stream') ? new SseCutter() : undefined
      },
      body: (bytes) => {
        this.#carry(this.#open[0], 'answerBody', bytes)
        for (const event of this.#cutter?.push(bytes) ?? [])
          this.#host.add({ kind: 'event', ...event, ...this.#seen() })
      },
      framing: (bytes) => this.#frameBody(this.#open[0], bytes),
      end: () => {
        const exchange = this.#open.shift()
        if (exchange === undefined) return
        exchange.endMs = this.#timeMs
        exchange.version++
      },
      raw: (bytes) => this.#annotate('down', bytes),
    })
  }

  #carry(exchange: Exchange | undefined, part: 'requestBody' | 'answerBody', bytes: Uint8Array): void {
    if (exchange === undefined) return
    exchange[part].push(bytes)
    exchange.version++
    this.#host.carried(bytes.length)
  }

  #frameBody(exchange: Exchange | undefined, bytes: number): void {
    if (exchange !== undefined) exchange.framingBytes += bytes
  }

  /** From here on both directions speak WebSocket. */
  #upgrade(): void {
    this.#streams.up.upgrade()
    const decodeText = (bytes: Uint8Array): string => lenient.decode(bytes)
    this.#annotators.up = new FrameAnnotator({ role: 'server', decodeText })
    this.#annotators.down = new FrameAnnotator({ role: 'client', decodeText })
  }

  #annotate(direction: Direction, bytes: Uint8Array): void {
    for (const frame of this.#annotators[direction]?.annotate(bytes) ?? []) {
      if (frame.stage === 'complete') this.#frame(direction, frame)
    }
  }

  #frame(direction: Direction, frame: AnnotatedFrame): void {
    this.#host.carried(frame.receivedBytes)
    this.#host.add({ kind: 'frame', direction, frame, ...this.#seen() })
  }
}
