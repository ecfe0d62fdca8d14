/** Keeps what is unsent somewhere that survives the page. What that is belongs to the application. */
import type { Outgoing } from './outgoing.ts'

/** Where unsent changes are kept, for one document and one page: two pages need two. */
export interface UnsentStore {
  load(): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** @param update all that is unsent, as one update of Yjs; undefined when nothing is. */
  save(update: Uint8Array | undefined): void | Promise<void>
}

export class UnsentKeeper {
  readonly #store: UnsentStore
  readonly #report: (error: unknown) => void
  #loaded = false
  #due = false
  #saved = false

  constructor(store: UnsentStore, report: (error: unknown) => void) {
    this.#store = store
    this.#report = report
  }

  /** What an earlier page left. A store that fails is as one that is empty. */
  async load(): Promise<Uint8Array | undefined> {
    try {
      const update = await this.#store.load()
      this.#saved = update !== undefined
      return update
    } catch (error) {
      this.#report(error)
      return undefined
    } finally {
      this.#loaded = true
    }
  }

  /** Once for all changes of a turn, and not over what has not been loaded. */
  save(outgoing: Outgoing): void {
    if (this.#due || !this.#loaded) return
    this.#due = true
    queueMicrotask(() => {
      this.#due = false
      const update = outgoing.merged
      if (update !== undefined || this.#saved) this.#put(update).catch(this.#report)
    })
  }

  async #put(update: Uint8Array | undefined): Promise<void> {
    this.#saved = update !== undefined
    await this.#store.save(update)
  }
}
