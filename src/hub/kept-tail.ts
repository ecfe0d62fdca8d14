/**
 * The end of a log whose broker lives elsewhere: a bounded copy that is filled by reading what a move announced.
 * It is only ever appended to at top + 1; whatever does not fit that is a reason to read, never to guess.
 */
import { Log, type Move, type Page, type Position, type Tail } from '../channel/index.ts'

interface Source {
  read(from: Position): Promise<Page>
  /** The tail has moved. */
  moved(): void
  readonly tailBytes: number
}

export class KeptTail {
  readonly #source: Source
  #log: Log | undefined
  /** The last move that was announced and not yet read. */
  #announced: Move | undefined
  #filling = false

  constructor(source: Source) {
    this.#source = source
  }

  get tail(): Tail | undefined {
    return this.#log
  }

  moved(move: Move): void {
    this.#announced = move
    const log = this.#log
    if (log !== undefined && log.epoch === move.epoch) {
      log.trim(move.floor)
      log.status = move.status
      if (move.top <= log.top) return this.#source.moved()
    }
    this.fill()
  }

  /** Reads up to the broker's top, one page after the other; one such loop at a time. */
  fill(): void {
    if (this.#filling) return
    this.#filling = true
    this.#fillLoop().then(
      () => (this.#filling = false),
      // The next move, or whoever reads a page, meets the broker's trouble again and reports it.
      () => (this.#filling = false),
    )
  }

  async #fillLoop(): Promise<void> {
    for (;;) {
      this.#announced = undefined
      const log = this.#log
      const page = await this.#source.read(log === undefined ? 'now' : { epoch: log.epoch, offset: log.top })
      if (page.kind === 'missing') return this.#forget(page.code === 'deleted')
      this.#take(page)
      this.#source.moved()
      if (page.upTo >= page.top && this.#announced === undefined) return
    }
  }

  #take(page: Extract<Page, { kind: 'page' }>): void {
    if (this.#log?.epoch !== page.epoch || page.after !== this.#log.top) {
      this.#log = new Log(page.epoch, page.after)
    }
    for (const { publication } of page.entries) this.#log.append(publication)
    this.#log.status = page.status
    this.#log.trim(page.floor)
    this.#log.retain({ count: Infinity, ageMs: Infinity, bytes: this.#source.tailBytes }, 0)
  }

  /** The channel is gone: readers ask the broker what became of it. */
  #forget(deleted: boolean): void {
    if (deleted && this.#log !== undefined) this.#log.status = 'deleted'
    else this.#log = undefined
    this.#source.moved()
  }
}
