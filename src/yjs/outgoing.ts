/**
 * What was changed here and is not in the log yet. One message is under way at a time, and what is changed meanwhile
 * becomes the next one, merged: so an hour offline is one update, whatever was typed, and nothing piles up. It
 * decides when, not how: it is handed what writes.
 */
import { mergeUpdates } from 'yjs'

/** At most so often, so that who types fast leaves room for others: milliseconds between two messages. */
const SPACING_MS = 30
/** Updates are merged when there are as many, since merging many at once takes longer. */
const MERGE_AT = 64

export interface OutgoingPort {
  /** @throws what makes it useless to go on */
  write(update: Uint8Array): Promise<void>
  /** What is unsent has changed. */
  changed(): void
  /** Nothing is sent any more until `retry`. */
  stopped(error: unknown): void
}

export class Outgoing {
  readonly #port: OutgoingPort
  #queue: Uint8Array[] = []
  #queued = 0
  #flying: { readonly update: Uint8Array; readonly changes: number } | undefined
  #running = false
  /** Until the log has been read nothing is sent, since it may be there. */
  #held = true
  #stopped = false

  constructor(port: OutgoingPort) {
    this.#port = port
  }

  /** Changes that are not in the log yet. */
  get changes(): number {
    return this.#queued + (this.#flying?.changes ?? 0)
  }

  /** All of them; undefined when there are none. */
  get merged(): Uint8Array | undefined {
    const updates = this.#flying === undefined ? this.#queue : [this.#flying.update, ...this.#queue]
    return updates.length === 0 ? undefined : mergeUpdates(updates)
  }

  add(update: Uint8Array): void {
    this.#queue.push(update)
    this.#queued++
    if (this.#queue.length >= MERGE_AT) this.#queue = [mergeUpdates(this.#queue)]
    this.#port.changed()
    void this.#run()
  }

  /** What waits is this instead, which holds all of it; undefined: it is in the log. */
  replace(update: Uint8Array | undefined): void {
    this.#queue = update === undefined ? [] : [update]
    this.#queued = update === undefined ? 0 : Math.max(1, this.#queued)
    this.#port.changed()
  }

  /** Sends, from now on. */
  release(): void {
    this.#held = false
    void this.#run()
  }

  /** Tries again after it has stopped. */
  retry(): void {
    this.#stopped = false
    void this.#run()
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // What is changed in the same turn goes along.
    await Promise.resolve()
    while (!this.#held && !this.#stopped && this.#queue.length > 0) {
      await this.#sendQueue()
      await new Promise((resolve) => setTimeout(resolve, SPACING_MS))
    }
    this.#running = false
  }

  async #sendQueue(): Promise<void> {
    const flying = { update: mergeUpdates(this.#queue), changes: this.#queued }
    this.#flying = flying
    this.#queue = []
    this.#queued = 0
    try {
      await this.#port.write(flying.update)
      this.#flying = undefined
      this.#port.changed()
    } catch (error) {
      this.#flying = undefined
      this.#queue.unshift(flying.update)
      this.#queued += flying.changes
      this.#stopped = true
      this.#port.stopped(error)
    }
  }
}
