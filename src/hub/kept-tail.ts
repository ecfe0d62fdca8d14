/**
 * The end of a log whose broker lives elsewhere: a bounded copy that is filled by reading what a move announced.
 * It is only ever appended to at top + 1; whatever does not fit that is a reason to read, never to guess. Moves
 * may come late and in any order: within one life of a log nothing they say is taken back.
 */
import { Log, type LogStatus, type Move, type Page, type Position, type Tail } from '../channel/index.ts'

interface Source {
  read(from: Position): Promise<Page>
  /** The tail has moved. */
  moved(): void
  readonly tailBytes: number
}

export class KeptTail {
  readonly #source: Source
  #log: Log | undefined
  #filling = false
  /** A move was announced that the read under way may have come too early for. */
  #announced = false
  #failed = false
  /** How often it was found that there is no log. */
  #missed = 0

  constructor(source: Source) {
    this.#source = source
  }

  get tail(): Tail | undefined {
    return this.#log
  }

  moved(move: Move): void {
    const log = this.#log
    if (log?.epoch === move.epoch) {
      log.trim(move.floor)
      if (move.top <= log.top) {
        advanceStatus(log, move.status)
        this.#source.moved()
        return
      }
    }
    this.fill()
  }

  /** Reads up to the broker's top, one page after the other; one such loop at a time. */
  fill(): void {
    this.#announced = true
    if (!this.#filling) void this.#fillLoop()
  }

  /** Reads again what could not be read. Until then, or the next move, the tail is behind. */
  retry(): void {
    if (this.#failed) this.fill()
  }

  async #fillLoop(): Promise<void> {
    this.#filling = true
    this.#failed = false
    try {
      while (this.#announced) {
        this.#announced = false
        this.#take(await this.#source.read(this.#end()))
        this.#source.moved()
      }
    } catch {
      // Whoever reads a page meets the broker's trouble too, and reports it.
      this.#failed = true
    } finally {
      // In the same step in which the loop found nothing announced: a move in between would be lost.
      this.#filling = false
    }
  }

  /** Where it ends, as far as it is of any life. */
  #end(): Position {
    const log = this.#log
    return log === undefined || log.epoch.startsWith(NO_LIFE) ? 'now' : { epoch: log.epoch, offset: log.top }
  }

  #take(page: Page): void {
    if (page.kind === 'missing') {
      // Which life is over is not known here. A tail of none, a new one each time, makes readers ask about theirs.
      this.#log = new Log(`${NO_LIFE}${++this.#missed}`)
      return
    }
    let log = this.#log
    if (log?.epoch !== page.epoch || page.after !== log.top) log = new Log(page.epoch, page.after)
    this.#log = log
    for (const { publication } of page.entries) log.append(publication)
    log.trim(page.floor)
    log.retain({ count: Infinity, ageMs: Infinity, bytes: this.#source.tailBytes }, 0)
    if (page.upTo < page.top) this.#announced = true
    else advanceStatus(log, page.status)
  }
}

/** No epoch begins like this. */
const NO_LIFE = '-'

const ORDER: readonly LogStatus[] = ['open', 'closed', 'deleted']

/** A log is first closed, then deleted, and never the other way round. */
const advanceStatus = (log: Log, status: LogStatus): void => {
  if (ORDER.indexOf(status) > ORDER.indexOf(log.status)) log.status = status
}
