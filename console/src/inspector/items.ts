/** What passes on an inspected connection, as the page lists it: exchanges, frames, events, and connections' ends. */
import type { AnnotatedFrame } from 'holdfast/websocket/frames'
import { type Head, valueOf } from './http-stream.ts'
import { KeptBytes } from './kept-bytes.ts'
import type { Direction, Why } from './tap-records.ts'

interface Seen {
  /** Grows with every item; names it. */
  readonly key: number
  readonly connection: number
  readonly timeMs: number
}

export interface FrameItem extends Seen {
  readonly kind: 'frame'
  readonly direction: Direction
  readonly frame: AnnotatedFrame
}

/** One event of an SSE answer, or a comment in it. */
export interface EventItem extends Seen {
  readonly kind: 'event'
  /** As they stood on the wire, without the framing of chunks. */
  readonly bytes: Uint8Array
  readonly wireBytes: number
  readonly data: string
  readonly comment: boolean
}

export interface MarkItem extends Seen {
  readonly kind: 'mark'
  readonly what: 'opened' | 'missed' | Why
}

/** What a request is for, as its head and body say. */
export type Purpose = 'handshake' | 'preflight' | 'hold' | 'stream' | 'poll' | 'send' | 'other'

/** A request and its answer, as far as they have come. */
export class Exchange implements Seen {
  readonly kind = 'exchange' as const
  readonly key: number
  readonly connection: number
  readonly timeMs: number
  readonly request: Head
  readonly requestBody: KeptBytes = new KeptBytes()
  requestEndMs: number | undefined
  answer: Head | undefined
  answerMs: number | undefined
  readonly answerBody: KeptBytes = new KeptBytes()
  /** Of both bodies: sizes of chunks, trailers. */
  framingBytes = 0
  endMs: number | undefined
  /** The connection ended before the answer did. */
  broken = false
  /** Grows with every change. */
  version = 0
  #purpose: Purpose | undefined

  constructor({ key, connection, timeMs }: Seen, request: Head) {
    this.key = key
    this.connection = connection
    this.timeMs = timeMs
    this.request = request
  }

  get method(): string {
    return this.request.first.split(' ', 1)[0]!
  }

  get path(): string {
    return this.request.first.split(' ', 2)[1] ?? ''
  }

  /** Undefined until it is answered. */
  get status(): number | undefined {
    return this.answer && Number(this.answer.first.slice(9, 12))
  }

  get purpose(): Purpose {
    if (this.requestEndMs !== undefined) this.#purpose ??= this.#findPurpose()
    return this.#purpose ?? this.#findPurpose()
  }

  /** Both heads, and what frames the bodies. */
  get overheadBytes(): number {
    return this.request.bytes + (this.answer?.bytes ?? 0) + this.framingBytes
  }

  get bodyBytes(): number {
    return this.requestBody.length + this.answerBody.length
  }

  #findPurpose(): Purpose {
    if (this.method === 'OPTIONS') return 'preflight'
    if (valueOf(this.request.headers, 'upgrade') !== undefined) return 'handshake'
    const body = new TextDecoder().decode(this.requestBody.bytes)
    const live = /"live":("long-poll"|"sse"|false)/.exec(body)?.[1]
    if (live === '"long-poll"') return 'hold'
    if (live === '"sse"') return 'stream'
    if (live === undefined) return 'other'
    return /"type":"(?!hello)/.test(body) ? 'send' : 'poll'
  }
}

export type Item = FrameItem | EventItem | MarkItem | Exchange

/** Every byte of one connection or all, once: what carries nothing itself, and what is carried. */
export interface Tally {
  readonly up: number
  readonly down: number
  readonly payload: number
}
