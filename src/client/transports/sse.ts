/**
 * Server-Sent Events, read by `fetch`: one answer that does not end. A changed set of channels opens a new
 * request with the full set and lets go of the old one when the new one speaks; both through the one gate.
 */
import type { Reply, ServerEvent, Welcome } from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import { BATCH_BYTES, CommandPost } from './command-post.ts'
import { type HttpAccess, post } from './session-post.ts'
import { SseParser } from './sse-parser.ts'
import type { OpenTransport, Outgoing, Transport, TransportHost } from './transport.ts'

/** Twice what a node lets pass between two bytes, and a little. */
const SILENCE_MS = 32_000

export const sseTransport =
  (access: HttpAccess): OpenTransport =>
  (host) =>
    new SseTransport(host, access)

/** One request and its answer. */
interface Stream {
  readonly controller: AbortController
  /** What it was opened for: channels, each with the change that it knows of. */
  readonly asked: ReadonlyMap<string, number>
  /** Channels that have not been answered. */
  readonly waiting: Set<string>
  readonly openedMs: number
  began: boolean
  cancelSilence: () => void
}

class SseTransport implements Transport {
  readonly name = 'sse'
  readonly windowBytes: number = BATCH_BYTES
  readonly #host: TransportHost
  readonly #access: HttpAccess
  readonly #commands: CommandPost
  #current: Stream | undefined
  /** Opened, but silent so far. */
  #next: Stream | undefined
  #welcomed = false
  #stale = false
  #retired = false
  #closed = false

  constructor(host: TransportHost, access: HttpAccess) {
    this.#host = host
    this.#access = access
    this.#commands = new CommandPost(access, host, (error) => this.#down(error))
  }

  get complete(): boolean {
    const current = this.#current
    return (
      this.#welcomed && current !== undefined && current.waiting.size === 0 && !this.#differs(current.asked)
    )
  }

  open(): void {
    this.#request()
  }

  refollow(): void {
    const current = this.#current
    // One at a time: what the last request asked must be answered before another asks for it.
    if (!this.#welcomed || this.#retired || this.#next !== undefined || current === undefined) return
    if (current.waiting.size > 0) return
    if (this.#stale || this.#differs(current.asked)) this.#request()
  }

  send(commands: readonly Outgoing[]): void {
    this.#commands.send(commands)
  }

  retire(): void {
    this.#retired = true
    this.#end(this.#current)
    this.#end(this.#next)
  }

  close(): void {
    this.#closed = true
    this.#commands.close()
    this.#end(this.#current)
    this.#end(this.#next)
  }

  #differs(asked: ReadonlyMap<string, number>): boolean {
    const wanted = this.#host.channels()
    if (wanted.size !== asked.size) return true
    for (const [channel, revision] of wanted) if (asked.get(channel) !== revision) return true
    return false
  }

  #request(): void {
    const { timers } = this.#host
    const asked = new Map(this.#host.channels())
    const stream: Stream = {
      controller: new AbortController(),
      asked,
      waiting: new Set(asked.keys()),
      openedMs: timers.now(),
      began: false,
      cancelSilence: () => {},
    }
    this.#stale = false
    this.#next = stream
    this.#heard(stream)
    const subscribe: Record<string, unknown> = {}
    for (const channel of asked.keys()) subscribe[channel] = this.#host.ask(channel)
    this.#read(stream, subscribe).then(
      () => this.#over(stream, new TransportError('cut', 'the stream ended')),
      (cause: unknown) => {
        const known = cause instanceof TransportError ? cause : undefined
        this.#over(stream, known ?? new TransportError('cut', 'the stream was cut off', { cause }))
      },
    )
  }

  async #read(stream: Stream, subscribe: object): Promise<void> {
    const hello = !this.#welcomed
    const response = await post(
      this.#access,
      this.#host,
      { live: 'sse', hello, subscribe },
      stream.controller.signal,
    )
    if (response.body === null) throw new TransportError('buffered', 'the answer cannot be read as it comes')
    stream.began = true
    const parser = new SseParser((data) => this.#event(stream, JSON.parse(data) as ServerEvent))
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || stream.controller.signal.aborted) return
      this.#heard(stream)
      this.#spoke(stream)
      parser.push(value)
    }
  }

  /** The new stream speaks: the old one may go. */
  #spoke(stream: Stream): void {
    if (this.#next !== stream) return
    this.#end(this.#current)
    this.#current = stream
    this.#next = undefined
    if (stream.waiting.size === 0) this.#host.progress()
  }

  #event(stream: Stream, event: ServerEvent): void {
    if (stream.controller.signal.aborted) return
    switch (event.type) {
      case 'reply':
        return this.#reply(stream, event)
      case 'auth':
      case 'drain':
        return this.#host.notice(event)
      case 'bye':
        this.#host.notice(event)
        return this.#down(refused(event as never))
      default:
        if (this.#host.event(event)) this.#stale = true
    }
    if (event.type !== 'publication' && event.type !== 'advance' && event.type !== 'gap') {
      stream.waiting.delete(event.channel)
      if (stream.waiting.size === 0) this.#host.progress()
    }
    if (this.#stale || stream.waiting.size === 0) this.refollow()
  }

  #reply(stream: Stream, { id, ok, error }: Reply): void {
    if (id !== 0) return
    if (error !== undefined) return this.#down(refused(error))
    this.#welcomed = true
    this.#host.welcome(ok as Welcome, stream.openedMs)
    this.#host.progress()
  }

  #heard(stream: Stream): void {
    stream.cancelSilence()
    stream.cancelSilence = this.#host.timers.after(SILENCE_MS, () =>
      this.#down(new TransportError('silent', 'nothing was heard for too long')),
    )
  }

  #end(stream: Stream | undefined): void {
    stream?.cancelSilence()
    stream?.controller.abort()
  }

  #over(stream: Stream, error: TransportError): void {
    if (!stream.controller.signal.aborted) this.#down(error)
  }

  #down(error: TransportError): void {
    if (this.#closed) return
    this.close()
    this.#host.down(error)
  }

  /** For the reason of a failure: an answer that began, and then did not come, was collected on its way. */
  get began(): boolean {
    return this.#next?.began === true || this.#current !== undefined
  }
}
