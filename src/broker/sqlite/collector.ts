/**
 * Deletes the rows that nobody needs any more, a slice at a time: what lies below a floor, and everything of a
 * life that is over. Floors move at once; this follows, so that a large trim is no long pause.
 */
import { type ChannelRow, type ChannelTable, STANDING } from './channel-row.ts'
import type { Tables } from './stored-channel.ts'

/** Rows in a slice. */
const SLICE = 300
/** Rows that gather below a floor before it is worth a slice of a commit that others wait for. */
const DUE = 128

export class Collector {
  readonly #tables: Tables
  readonly #channels: ChannelTable
  /** Channels that have something to collect, by number; true: enough for a slice of its own. */
  readonly #pending = new Map<number, boolean>()

  constructor(tables: Tables, channels: ChannelTable) {
    this.#tables = tables
    this.#channels = channels
  }

  /** Takes note of what there is to collect of a row, as it is now. */
  note(row: ChannelRow): void {
    const due = row.standing === STANDING.over || row.floor - row.swept >= DUE
    if (due || row.swept < row.floor) this.#pending.set(row.id, due)
    else this.#pending.delete(row.id)
  }

  clear(): void {
    this.#pending.clear()
  }

  /** The number of a channel that has something to collect; `due`: as much as is worth a slice. */
  next(which: 'due' | 'all'): number | undefined {
    for (const [id, due] of this.#pending) if (due || which === 'all') return id
    return undefined
  }

  /** Deletes one slice. The row is the current one: nobody else has another copy of it. */
  collect(row: ChannelRow): void {
    // To the end of the line: every channel has its turn.
    this.#pending.delete(row.id)
    if (row.standing === STANDING.over) {
      if (this.#collectRest(row.id)) this.#channels.remove(row.id)
      else this.note(row)
      return
    }
    const end = Math.min(row.floor, row.swept + SLICE)
    const keyed = row.options.conflated && row.standing !== STANDING.deleted
    this.#tables.entries.collect(row.id, { first: row.swept, end, keyed })
    row.swept = end
    this.#channels.update(row)
    this.note(row)
  }

  /** One slice of whatever is left of a life that is over; true when nothing is. */
  #collectRest(id: number): boolean {
    const { keys, producers, entries } = this.#tables
    return (
      entries.collectFirst(id, SLICE) === 0 &&
      keys.collect(id, SLICE) === 0 &&
      producers.collect(id, SLICE) === 0
    )
  }
}
