/**
 * A document of Yjs bound to a channel: what is changed in the one is published in the other, and the other way round.
 * It joins the parts of this room: the reader of the log, what is unsent, compaction and awareness.
 */
import { applyUpdate, decodeUpdate, type Doc } from 'yjs'
import { Awareness } from 'y-protocols/awareness'
import {
  type Channel,
  type Client,
  ClientClosedError,
  RefusedError,
  type Subscription,
  type SubscriptionEnd,
} from '../client/index.ts'
import { type AcceptState, AwarenessLink } from './awareness-link.ts'
import { Compaction, type CompactionLimits } from './compaction.ts'
import { type DocumentState, ObservedState } from './document-state.ts'
import { DocumentError } from './errors.ts'
import type { LogContent } from './log-content.ts'
import { LogReader } from './log-reader.ts'
import { Outgoing } from './outgoing.ts'
import { UnsentKeeper, type UnsentStore } from './unsent.ts'
import { Writer } from './writer.ts'

/** Parts of an update that may be under way at once. */
const PARALLEL_PARTS = 4
/** After a log was lost, everyone waits up to this long, so that one publishes what it lacks, and not all. */
const HEAL_WITHIN_MS = 1_000
const ASK_AGAIN_MS = 1_000

export interface BindOptions {
  /** Cursors and names. Its own by default; false: none. */
  readonly awareness?: Awareness | false
  /** Where awareness is published, a channel of bytes. Default: the document's, and `/awareness`. */
  readonly awarenessChannel?: string
  /** What is made of the state that another client claims, before it enters the awareness: anyone may claim anything. */
  readonly acceptState?: AcceptState
  /** When the log is made short again; false: not by this client. */
  readonly compaction?: CompactionLimits | false
  /** Where unsent changes survive the page. Without it they live as long as the binding. */
  readonly unsent?: UnsentStore
  /** What no promise reports. Default: `console.error`. */
  readonly onError?: (error: unknown) => void
}

export interface DocumentBinding {
  readonly doc: Doc
  readonly channel: string
  readonly awareness: Awareness | undefined
  /** What there is to know now; the same object until something changes. */
  readonly state: DocumentState
  /** Fulfilled when everything that was in the log is in the document. Rejects when it ends before. */
  readonly synced: Promise<void>
  /** Calls `listener` after changes of `state`; returns what ends that. */
  on(event: 'state', listener: (state: DocumentState) => void): () => void
  /**
   * Writes a snapshot and lets go of the log before it, now. False when there was nothing to do.
   * @throws RefusedError, ClientClosedError
   */
  compact(): Promise<boolean>
  /** Publishes what was refused once more, for example with another token. */
  retry(): void
  /** Nothing is read any more, and what is changed from here on stays here. What was changed before is still sent. */
  close(): void
}

/** Binds `doc` to a channel of bytes, until `close` or until the document is destroyed. */
export const bindDocument = (
  client: Client,
  channel: string,
  doc: Doc,
  options: BindOptions = {},
): DocumentBinding => new ChannelBinding(client, channel, doc, options)

/** It is the origin of what it changes in the document. */
class ChannelBinding implements DocumentBinding {
  readonly doc: Doc
  readonly channel: string
  readonly awareness: Awareness | undefined
  readonly synced: Promise<void>
  readonly #channel: Channel
  readonly #report: (error: unknown) => void
  readonly #synced = Promise.withResolvers<void>()
  readonly #observed: ObservedState
  readonly #writer: Writer
  readonly #reader: LogReader
  readonly #outgoing: Outgoing
  readonly #compaction: Compaction
  readonly #keeper: UnsentKeeper | undefined
  readonly #link: AwarenessLink | undefined
  readonly #ownAwareness: boolean
  #subscription: Subscription | undefined
  #refused: RefusedError | undefined
  #ended: SubscriptionEnd | undefined
  #healing: ReturnType<typeof setTimeout> | undefined
  #everSynced = false
  #closed = false

  constructor(client: Client, name: string, doc: Doc, options: BindOptions) {
    this.doc = doc
    this.channel = name
    this.#channel = client.channel(name)
    this.#report = options.onError ?? ((error): void => console.error(error))
    this.synced = this.#synced.promise
    this.synced.catch(() => undefined) // who does not ask for it need not hear of it
    this.#observed = new ObservedState(() => this.#read(), this.#report)
    this.#writer = new Writer(this.#channel)
    this.#reader = this.#newReader()
    this.#outgoing = this.#newOutgoing()
    this.#compaction = this.#newCompaction(options.compaction)
    this.#keeper = options.unsent && new UnsentKeeper(options.unsent, this.#report)
    this.#ownAwareness = options.awareness === undefined
    this.awareness = options.awareness === false ? undefined : (options.awareness ?? new Awareness(doc))
    this.#link = this.awareness && this.#linkAwareness(client, this.awareness, options)
    doc.on('update', this.#changed)
    doc.on('destroy', this.#destroyed)
    this.#begin().catch(this.#report)
  }

  get state(): DocumentState {
    return this.#observed.snapshot
  }

  on(_event: 'state', listener: (state: DocumentState) => void): () => void {
    return this.#observed.listen(listener)
  }

  compact(): Promise<boolean> {
    return this.#compaction.run()
  }

  retry(): void {
    this.#refused = undefined
    this.#observed.touch()
    this.#outgoing.retry()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.doc.off('update', this.#changed)
    this.doc.off('destroy', this.#destroyed)
    clearTimeout(this.#healing)
    this.#subscription?.close()
    this.#link?.close()
    if (this.#ownAwareness) this.awareness?.destroy()
    this.#outgoing.release()
    this.#synced.reject(new ClientClosedError(`bind ${this.channel}`))
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this) this.#outgoing.add(update)
  }

  readonly #destroyed = (): void => this.close()

  async #begin(): Promise<void> {
    const kept = await this.#keeper?.load()
    if (kept !== undefined) this.#restore(kept)
    if (this.#closed) return
    const subscription = this.#channel.subscribe(
      { from: 'start', onGap: (gap) => this.#gap(gap) },
      (publication) => {
        this.#reader.read(publication)
        this.#observed.touch()
      },
    )
    this.#subscription = subscription
    subscription.ended.then((end) => this.#end(end), this.#report)
    await subscription.ready.then(
      (cursor) => this.#askTop(cursor),
      () => undefined, // why it ended is said above
    )
  }

  /** What an earlier page had not sent, as a change like any other. Yjs may hold it back until the log is read. */
  #restore(update: Uint8Array): void {
    try {
      decodeUpdate(update)
      applyUpdate(this.doc, update, this)
      this.#outgoing.add(update)
    } catch (cause) {
      this.#report(new DocumentError('unreadable', 'what was kept unsent could not be read', cause))
    }
  }

  /** The log's top, now: what lies before it is what `synced` waits for. */
  async #askTop(cursor: string): Promise<void> {
    while (!this.#closed) {
      try {
        const { top } = await this.#channel.history({ from: 'now', limit: 1 })
        this.#reader.begin(cursor, top)
        this.#observed.touch()
        return
      } catch (error) {
        if (error instanceof ClientClosedError) return
        if (!(error instanceof RefusedError) || error.retry === 'never') throw error
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
      }
    }
  }

  #gap(gap: Parameters<LogReader['gap']>[0]): void {
    clearTimeout(this.#healing)
    this.#writer.forget()
    this.#reader.gap(gap)
    this.#observed.touch()
  }

  #newReader(): LogReader {
    return new LogReader({
      recognise: (envelope) => this.#writer.recognise(envelope),
      apply: (updates) => this.#apply(updates),
      caughtUp: (content) => this.#caughtUp(content),
      echoed: () => this.#compaction.consider(),
      report: this.#report,
    })
  }

  #newOutgoing(): Outgoing {
    return new Outgoing({
      write: (update) => this.#writer.write({ update, covers: undefined }, PARALLEL_PARTS),
      changed: () => {
        this.#keeper?.save(this.#outgoing)
        this.#observed.touch()
      },
      stopped: (error) => {
        if (error instanceof RefusedError) this.#refused = error
        else if (!(error instanceof ClientClosedError)) this.#report(error)
        this.#observed.touch()
      },
    })
  }

  #newCompaction(limits: CompactionLimits | false | undefined): Compaction {
    const port = {
      doc: this.doc,
      channel: this.#channel,
      reader: this.#reader,
      writer: this.#writer,
      changed: () => this.#observed.touch(),
      report: this.#report,
    }
    return new Compaction(port, limits)
  }

  #linkAwareness(client: Client, awareness: Awareness, options: BindOptions): AwarenessLink {
    return new AwarenessLink({
      awareness,
      channel: client.channel(options.awarenessChannel ?? `${this.channel}/awareness`),
      accept: options.acceptState,
      report: this.#report,
      refused: (error) => {
        this.#refused ??= error
        this.#observed.touch()
      },
    })
  }

  /** All in one transaction, so that a view is drawn once. */
  #apply(updates: readonly Uint8Array[]): void {
    try {
      this.doc.transact(() => {
        for (const update of updates) applyUpdate(this.doc, update, this)
      }, this)
    } catch (error) {
      // An observer's, or what only Yjs itself could find: the rest of the document stands.
      this.#report(error)
    }
  }

  #caughtUp(content: LogContent): void {
    const lacking = (): Uint8Array | undefined => content.missing(this.doc)
    if (!this.#everSynced) {
      this.#everSynced = true
      this.#reader.content = undefined
      this.#outgoing.replace(lacking())
      this.#outgoing.release()
      this.#synced.resolve()
      return
    }
    this.#healing = setTimeout(() => {
      this.#reader.content = undefined
      const update = lacking()
      if (update !== undefined) this.#outgoing.add(update)
    }, Math.random() * HEAL_WITHIN_MS)
  }

  #end(end: SubscriptionEnd): void {
    this.#ended = end
    // The client was closed: nothing will ever be sent, and nothing should go on.
    if (end.why === 'unsubscribed') this.close()
    this.#synced.reject(end.error ?? new ClientClosedError(`bind ${this.channel}`))
    this.#observed.touch()
  }

  #read(): DocumentState {
    const { synced, length, covered, incomplete, unreadable } = this.#reader
    return {
      synced: synced || this.#everSynced,
      unsent: this.#outgoing.changes,
      log: { entries: length.entries, bytes: length.bytes },
      covered,
      compacting: this.#compaction.running,
      refused: this.#refused,
      incomplete,
      unreadable,
      ended: this.#ended,
    }
  }
}
