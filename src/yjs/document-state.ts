/** What a binding shows of itself: an immutable snapshot, and listeners that are told once per turn when it changes. */
import type { RefusedError, SubscriptionEnd } from '../client/index.ts'

export interface DocumentState {
  /** Everything that was in the log when the binding began to read it is in the document. */
  readonly synced: boolean
  /** Changes made here that are not in the log yet. */
  readonly unsent: number
  /** What a newcomer has to read behind the latest snapshot; the snapshot is part of it. */
  readonly log: { readonly entries: number; readonly bytes: number }
  /** The offset up to which a snapshot holds the log; 0: there was none. */
  readonly covered: number
  /** A snapshot is being written here. */
  readonly compacting: boolean
  /** The node does not let this client publish: what is unsent stays here. */
  readonly refused: RefusedError | undefined
  /** The log has let go of something that no snapshot holds. */
  readonly incomplete: boolean
  /** Publications that were left out, since nobody could read them. */
  readonly unreadable: number
  /** Why nothing more will come. */
  readonly ended: SubscriptionEnd | undefined
}

export class ObservedState {
  readonly #read: () => DocumentState
  readonly #report: (error: unknown) => void
  readonly #listeners = new Set<(state: DocumentState) => void>()
  #snapshot: DocumentState | undefined
  #telling = false

  constructor(read: () => DocumentState, report: (error: unknown) => void) {
    this.#read = read
    this.#report = report
  }

  get snapshot(): DocumentState {
    return (this.#snapshot ??= this.#read())
  }

  listen(listener: (state: DocumentState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  touch(): void {
    this.#snapshot = undefined
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      for (const listener of [...this.#listeners]) this.#tell(listener)
    })
  }

  #tell(listener: (state: DocumentState) => void): void {
    try {
      listener(this.snapshot)
    } catch (error) {
      this.#report(error)
    }
  }
}
