/**
 * Awareness (cursors, names: what is of no interest tomorrow) over a channel of its own. Each client publishes its own
 * state when it changes, at most ten times a second, and every 15 s; who is silent for 30 s is gone. On a channel
 * that keeps half a minute a newcomer finds everyone at once. Nothing of it enters the document's log.
 */
import {
  applyAwarenessUpdate,
  type Awareness,
  encodeAwarenessUpdate,
  modifyAwarenessUpdate,
} from 'y-protocols/awareness'
import { type Channel, ClientClosedError, RefusedError, type Subscription } from '../client/index.ts'
import { DocumentError } from './errors.ts'

const SPACING_MS = 100
/** What others claim about themselves is no larger, and they are no more. */
const MOST_BYTES = 8 * 1024
const MOST_CLIENTS = 1_000
const MOST_REMEMBERED = 10_000

/** What is made of the state that another client claims; undefined: it is not there. */
export type AcceptState = (state: unknown) => object | undefined

export interface AwarenessPort {
  readonly awareness: Awareness
  readonly channel: Channel
  readonly accept: AcceptState | undefined
  readonly report: (error: unknown) => void
  /** This client may not publish its own. */
  readonly refused: (error: RefusedError) => void
}

interface Changes {
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
}

export class AwarenessLink {
  readonly #port: AwarenessPort
  readonly #subscription: Subscription
  #dirty = true
  #running = false
  #closed = false

  constructor(port: AwarenessPort) {
    this.#port = port
    port.awareness.on('update', this.#changed)
    this.#subscription = port.channel.subscribe({ from: 'start' }, ({ data }) => this.#receive(data))
    this.#subscription.ended.then(
      ({ error }) => error !== undefined && port.report(error),
      () => undefined,
    )
    globalThis.addEventListener?.('pagehide', this.#leave)
    void this.#run()
  }

  close(): void {
    if (this.#closed) return
    this.#leave()
    this.#closed = true
    this.#port.awareness.off('update', this.#changed)
    globalThis.removeEventListener?.('pagehide', this.#leave)
    this.#subscription.close()
  }

  readonly #changed = ({ added, updated, removed }: Changes): void => {
    const { clientID } = this.#port.awareness
    if (![added, updated, removed].some((clients) => clients.includes(clientID))) return
    this.#dirty = true
    void this.#run()
  }

  /** Others need not wait until it is missed. */
  readonly #leave = (): void => {
    const { awareness, channel } = this.#port
    if (!awareness.meta.has(awareness.clientID)) return
    const gone = encodeAwarenessUpdate(awareness, [awareness.clientID], new Map())
    channel.publish(gone).catch(() => undefined) // they will miss it
  }

  /** One at a time, and then the latest: while there is no connection nothing piles up. */
  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await Promise.resolve()
    while (this.#dirty && !this.#closed) {
      this.#dirty = false
      await this.#publish()
      await new Promise((resolve) => setTimeout(resolve, SPACING_MS))
    }
    this.#running = false
  }

  async #publish(): Promise<void> {
    const { awareness, channel, report, refused } = this.#port
    try {
      await channel.publish(encodeAwarenessUpdate(awareness, [awareness.clientID]))
    } catch (error) {
      if (this.#closed || error instanceof ClientClosedError) return
      if (error instanceof RefusedError && error.retry === 'never') refused(error)
      else report(error)
    }
  }

  #receive(data: unknown): void {
    const { awareness, accept, report } = this.#port
    try {
      if (!(data instanceof Uint8Array) || data.length > MOST_BYTES) throw new TypeError('it is no awareness')
      const update = modifyAwarenessUpdate(data, (state) => tidy(state, accept))
      const own = awareness.getLocalState()
      if (awareness.states.size < MOST_CLIENTS) applyAwarenessUpdate(awareness, update, this)
      // What it says of this client is an echo, or a lie.
      if (awareness.getLocalState() !== own) awareness.setLocalState(own)
      this.#forgetGone()
    } catch (cause) {
      report(new DocumentError('unreadable', 'a publication that is no awareness was left out', cause))
    }
  }

  /** Awareness remembers the clock of everyone who was ever there. */
  #forgetGone(): void {
    const { meta, states, clientID } = this.#port.awareness
    if (meta.size <= MOST_REMEMBERED) return
    for (const id of meta.keys()) if (!states.has(id) && id !== clientID) meta.delete(id)
  }
}

const tidy = (state: unknown, accept: AcceptState | undefined): object | null => {
  if (typeof state !== 'object' || state === null) return null
  return accept === undefined ? state : (accept(state) ?? null)
}
