/**
 * Sessions that poll, as they were when they were answered last. Between two requests nothing of them is on a node, and
 * nothing here is needed to serve them: these notes are for whoever looks after the node, and are bounded.
 */
import type { Identity } from './gateway.ts'

export interface PollNote {
  readonly identity: Identity
  readonly transport: 'long-polling' | 'polling'
  /** Where it stands, by channel. */
  readonly cursors: Readonly<Record<string, string>>
  readonly atMs: number
}

const MOST = 20_000
/** Each holds a cursor, and a name that may be long, for every channel that it follows. */
const MOST_CURSORS = 100_000
/** Whoever has not asked for this long has gone. */
const FORGOTTEN_AFTER_MS = 30_000

export class PollNotes {
  /** By session, the one that asked the longest ago first. */
  readonly #notes = new Map<string, PollNote>()
  #cursors = 0

  note(note: PollNote): void {
    const { session } = note.identity
    this.#forget(session)
    this.#notes.set(session, note)
    this.#cursors += cursorsOf(note)
    for (const oldest of this.#notes.keys()) {
      if (this.#notes.size <= MOST && this.#cursors <= MOST_CURSORS) return
      this.#forget(oldest)
    }
  }

  values(): Iterable<PollNote> {
    return this.#notes.values()
  }

  sweep(nowMs: number): void {
    for (const [session, { atMs }] of this.#notes) {
      if (nowMs - atMs < FORGOTTEN_AFTER_MS) return
      this.#forget(session)
    }
  }

  #forget(session: string): void {
    const note = this.#notes.get(session)
    if (note === undefined) return
    this.#notes.delete(session)
    this.#cursors -= cursorsOf(note)
  }
}

const cursorsOf = ({ cursors }: PollNote): number => Object.keys(cursors).length
