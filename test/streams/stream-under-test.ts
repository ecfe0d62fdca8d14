/** A node and streams on it, asked as any HTTP client asks: requests by `fetch`, and events of an SSE answer. */
import assert from 'node:assert/strict'
import { type NodeUnderTest, startNode } from '../server/node-under-test.ts'
import type { ServerOptions } from 'holdfast/server'

export const JSON_TYPE = { 'content-type': 'application/json' }
export const TEXT_TYPE = { 'content-type': 'text/plain' }

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The code of a refusal. */
  readonly code: string | undefined
}

export type Fields = Record<string, string>

/** What stands in an answer, as this face spells it. */
export const nextOf = ({ headers }: Answer): string => {
  const next = headers.get('stream-next-offset')
  assert.ok(next !== null, 'the answer says where it ends')
  return next
}

export class StreamsUnderTest {
  readonly node: NodeUnderTest
  /** Of the node, or of a proxy in front of it. */
  readonly base: string

  constructor(node: NodeUnderTest, base: string = node.url) {
    this.node = node
    this.base = base
  }

  url(stream: string): string {
    return `${this.base}/v1/stream/${stream}`
  }

  async ask(method: string, stream: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url(stream), { method, ...init })
    const text = await response.text()
    const refused = response.status >= 400 && text !== ''
    const code = refused ? (JSON.parse(text) as { error: { code: string } }).error.code : undefined
    return { status: response.status, headers: response.headers, text, code }
  }

  put(stream: string, headers: Fields = JSON_TYPE, body?: BodyInit): Promise<Answer> {
    return this.ask('PUT', stream, body === undefined ? { headers } : { headers, body })
  }

  post(stream: string, body: BodyInit, headers: Fields = JSON_TYPE): Promise<Answer> {
    return this.ask('POST', stream, { headers, body })
  }

  get(stream: string, headers: Fields = {}): Promise<Answer> {
    return this.ask('GET', stream, { headers })
  }

  head(stream: string): Promise<Answer> {
    return this.ask('HEAD', stream)
  }
}

/** Runs `act` against a node of its own, which must be unharmed afterwards. */
export const onNode =
  (act: (streams: StreamsUnderTest) => Promise<void>, options: ServerOptions = {}) =>
  async (): Promise<void> => {
    const node = await startNode({
      limits: { commandsPerSecond: 10_000, commandBurst: 10_000, ...options.limits },
      ...options,
    })
    try {
      await act(new StreamsUnderTest(node))
      await node.unharmed()
    } finally {
      await node.stop()
    }
  }

export interface SseEvent {
  readonly type: string
  readonly data: string
  readonly id: string
}

/** The events of an SSE answer as they come, read by the HTML standard's rules. */
export class SseReader {
  readonly response: Response
  readonly #abort: AbortController
  readonly #chunks: AsyncIterator<string>
  #rest = ''

  private constructor(response: Response, abort: AbortController) {
    assert.ok(response.body)
    this.response = response
    this.#abort = abort
    this.#chunks = response.body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  }

  static async open(url: string, headers: Fields = {}): Promise<SseReader> {
    const abort = new AbortController()
    const response = await fetch(url, { headers, signal: abort.signal })
    return new SseReader(response, abort)
  }

  /** The next event; undefined when the answer has ended. */
  async next(): Promise<SseEvent | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n\n')
      if (end < 0) {
        const { done, value } = await this.#chunks.next()
        if (done === true) return undefined
        this.#rest += value
        continue
      }
      const block = this.#rest.slice(0, end)
      this.#rest = this.#rest.slice(end + 2)
      const event = parseEvent(block)
      if (event.type !== '') return event
    }
  }

  /** The next event of a type, passing over others. */
  async until(type: string): Promise<SseEvent> {
    for (;;) {
      const event = await this.next()
      assert.ok(event !== undefined, `the answer ended before a ${type} event`)
      if (event.type === type) return event
    }
  }

  close(): void {
    this.#abort.abort()
  }
}

const parseEvent = (block: string): SseEvent => {
  const of = (name: string): string[] =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  return { type: of('event').join(''), data: of('data').join('\n'), id: of('id').join('') }
}
