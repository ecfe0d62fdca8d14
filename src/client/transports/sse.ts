/**
 * Server-Sent Events, read by `fetch`: one answer that does not end. A changed set of channels opens a new
 * request with the full set and lets go of the old one when the new one speaks; both through the one gate.
 */
import type { Reply, ServerEvent, Welcome } from '../../protocol/index.ts'
import { refused, TransportError } from '../errors.ts'
import { HttpCarrier } from './http-carrier.ts'
import { type HttpAccess, post } from './session-post.ts'
import { SseParser } from './sse-parser.ts'
import { askFor, differs, type OpenTransport, type Transport } from './transport.ts'

/** Twice what a node lets pass between two bytes, and a little. */
const SILENCE_MS = 32_000

export const sseTransport =
  (access: HttpAccess): OpenTransport =>
  (host) =>
    new SseTransport(host, access)

/** One request and its answer. */
interface Stream {
  readonly controller: AbortController
  /** What it was opened for; −1: something was missing since. */
  readonly asked: Map<string, number>
  /** Channels that have not been answered. */
  readonly waiting: Set<string>
  readonly openedMs: number
}

class SseTransport extends HttpCarrier implements Transport {
  readonly name = 'sse'
  began = false
  #current: Stream | undefined
  /** Opened, but silent so far. */
  #next: Stream | undefined
  #cancelSilence: (() => void) | undefined

  get complete(): boolean {
    return this.#current?.waiting.size === 0 && !differs(this.host, this.#current.asked)
  }

  open(): void {
    const asked = new Map(this.host.channels())
    const stream: Stream = {
      controller: new AbortController(),
      asked,
      waiting: new Set(asked.keys()),
      openedMs: this.host.timers.now(),
    }
    this.#next = stream
    this.#heard()
    this.#read(stream).catch((cause: unknown) => {
      if (!stream.controller.signal.aborted) this.down(cause)
    })
  }

  refollow(): void {
    const current = this.#current
    // One at a time: what the last request asked must be answered before another asks for it.
    if (!this.welcomed || this.over || this.#next || !current || current.waiting.size > 0) return
    if (differs(this.host, current.asked)) this.open()
  }

  protected stop(): void {
    this.#cancelSilence?.()
    this.#current?.controller.abort()
    this.#next?.controller.abort()
  }

  async #read(stream: Stream): Promise<void> {
    const { signal } = stream.controller
    const request = {
      live: 'sse',
      hello: !this.welcomed,
      subscribe: askFor(this.host, stream.asked),
    } as const
    const response = await post(this.access, this.host, request, signal)
    this.began = true
    const reader = response.body?.getReader()
    const parser = new SseParser((data) => {
      if (!signal.aborted) this.#event(stream, JSON.parse(data) as ServerEvent)
    })
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) throw new TransportError('cut', 'it ended')
      if (signal.aborted) return
      this.#heard()
      if (stream === this.#next) {
        // The new stream speaks: the old one may go.
        this.#current?.controller.abort()
        this.#current = stream
        this.#next = undefined
      }
      parser.push(value)
      this.host.progress()
      // What is wanted may have changed while this was under way, or something was missing.
      this.refollow()
    }
  }

  #event(stream: Stream, event: ServerEvent): void {
    switch (event.type) {
      case 'reply':
        return this.#reply(stream, event)
      case 'bye':
        return this.down(refused(event as never))
      case 'auth':
      case 'drain':
        return this.host.notice(event)
      case 'publication':
      case 'advance':
      case 'gap':
        break
      default:
        stream.waiting.delete(event.channel)
    }
    // Something is missing: it must be asked for anew.
    if (this.host.event(event)) stream.asked.set(event.channel, -1)
  }

  #reply(stream: Stream, { ok, error }: Reply): void {
    if (error) return this.down(refused(error))
    this.welcomed = true
    this.host.welcome(ok as Welcome, stream.openedMs)
  }

  #heard(): void {
    this.#cancelSilence?.()
    this.#cancelSilence = this.host.timers.after(SILENCE_MS, () =>
      this.down(new TransportError('silent', 'nothing came')),
    )
  }
}
