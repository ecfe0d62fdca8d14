/**
 * Keeps the log short: writes a snapshot, and once that is acknowledged lets go of what it covers. Who wrote the
 * publication that made the log too long does it, so that one does and not all. It decides and asks; that the
 * snapshot holds what it says follows from one step without a wait between taking the cursor and the document.
 *
 * Two may do it at once, and any may die at any moment: each trims only what its own snapshot covers, behind an
 * acknowledgement, and a message that is not complete yet holds the trim back to before its first part.
 */
import { type Doc, encodeStateAsUpdate } from 'yjs'
import { type Channel, ClientClosedError, RefusedError } from '../client/index.ts'
import type { LogReader } from './log-reader.ts'
import { placeOf } from './place.ts'
import type { Writer } from './writer.ts'

/** About what a publication of a snapshot holds. */
const PART_BYTES = 60_000

export interface CompactionLimits {
  /** Publications behind the latest snapshot. Default 500. */
  readonly entries?: number
  /** Bytes of them, where that is twice what a snapshot would have. Default 256 KiB. */
  readonly bytes?: number
}

export interface CompactionPort {
  readonly doc: Doc
  readonly channel: Channel
  readonly reader: LogReader
  readonly writer: Writer
  changed(): void
  readonly report: (error: unknown) => void
}

export class Compaction {
  readonly #port: CompactionPort
  readonly #limits: Required<CompactionLimits> | undefined
  /** Others do the same at another length, so that they rarely do it at once. */
  #slack = Math.random()
  #snapshotBytes = 0
  #forbidden = false
  #allowed = false
  #running: Promise<boolean> | undefined

  /** @param limits false: only when it is asked to. */
  constructor(port: CompactionPort, limits: CompactionLimits | false = {}) {
    this.#port = port
    this.#limits = limits === false ? undefined : { entries: 500, bytes: 256 * 1024, ...limits }
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  /** An update of this client's has come back: is it now too long? */
  consider(): void {
    const { reader, report } = this.#port
    if (this.#limits === undefined || this.#forbidden || this.running || !reader.synced) return
    const limits = this.#limits
    const needed = (): boolean => !reader.assembly.snapshotUnderWay(reader.time) && this.#due(limits)
    if (!needed()) return
    this.run(needed).catch((error: unknown) => {
      if (error instanceof RefusedError && error.code === 'forbidden') this.#forbidden = true
      else if (!(error instanceof ClientClosedError)) report(error)
    })
  }

  /**
   * False when there was nothing to do.
   * @param needed asked once more just before it begins: another may have been faster.
   * @throws RefusedError, when this client may not publish or trim
   */
  run(needed?: () => boolean): Promise<boolean> {
    this.#running ??= this.#snapshotAndTrim(needed).finally(() => {
      this.#running = undefined
      this.#slack = Math.random()
      this.#port.changed()
    })
    this.#port.changed()
    return this.#running
  }

  #due({ entries, bytes }: Required<CompactionLimits>): boolean {
    const { doc, reader } = this.#port
    const more = 1 + this.#slack / 4
    // The snapshot itself takes publications.
    const parts = this.#snapshotBytes / PART_BYTES
    if (reader.length.entries >= Math.max(entries, 2 * parts) * more) return true
    if (reader.length.bytes < Math.max(bytes, 2 * this.#snapshotBytes) * more) return false
    // A snapshot must be worth it: the document itself may be as large.
    this.#snapshotBytes = encodeStateAsUpdate(doc).length
    return reader.length.bytes >= 2 * this.#snapshotBytes * more
  }

  async #snapshotAndTrim(needed = (): boolean => true): Promise<boolean> {
    const { channel, doc, reader, writer } = this.#port
    const start = reader.cursor
    if (start === undefined || !reader.synced) return false
    // A trim that takes nothing says whether this client may, before it writes what would only make the log longer.
    if (!this.#allowed) await channel.trim(`${start.split('_', 1)[0]}_${'0'.repeat(16)}`)
    this.#allowed = true
    const covers = reader.assembly.holdsBack(reader.time) ?? reader.cursor
    if (covers === undefined || !reader.synced || (placeOf(covers)?.offset ?? 0) <= reader.covered)
      return false
    if (!needed()) return false
    const update = encodeStateAsUpdate(doc)
    this.#snapshotBytes = update.length
    await writer.write({ update, covers }, 1)
    await channel.trim(covers)
    return true
  }
}
