/**
 * The auctioneer: opens lots, decides bids one after the other in the order in which they came, and closes lots when
 * their time is up. All that it decides is in a log before anybody is told; it keeps nothing that the log does not say,
 * but for the names of bids that were given up.
 */
import { CallError, type HoldfastServer } from 'holdfast/server'
import { type Item, NOTHING } from './catalogue.ts'
import { type BidRequest, judge, type RefusalCode, type Verdict } from './judge.ts'
import {
  applyEntry,
  type Bidder,
  leaderOf,
  type Lot,
  type LotEntry,
  type LotsEntry,
  type LotState,
  minimumOf,
  UNOPENED,
} from './lot.ts'
import { ReplayedLog } from './replayed-log.ts'

export const LOTS = 'auction/lots'
export const lotChannel = (lot: string): string => `auction/lot/${lot}`

export interface HouseClock {
  now(): number
  /** Runs once, `ms` from now; the returned function cancels. */
  after(ms: number, run: () => void): () => void
}

export interface HouseOptions {
  readonly clock: HouseClock
  readonly catalogue: readonly Item[]
  readonly lotMs: number
  readonly softCloseMs: number
  /** Between two lots. */
  readonly pauseMs: number
  readonly onError: (error: unknown) => void
}

/** Bids of one lot that were given up and are remembered: without the name there would be no final answer. */
const WITHDRAWN_KEPT = 10_000

type Lots = readonly LotsEntry[]

export class House {
  readonly #server: HoldfastServer
  readonly #options: HouseOptions
  readonly #lots: ReplayedLog<LotsEntry, Lots>
  #log: ReplayedLog<LotEntry, LotState> | undefined
  readonly #withdrawn = new Set<string>()
  /** What is to be done, one after the other. */
  #line: Promise<unknown> = Promise.resolve()
  #cancelTimer: (() => void) | undefined
  /** Not before it has come back. */
  #nextAtMs = Infinity
  #ended = false

  constructor(server: HoldfastServer, options: HouseOptions) {
    this.#server = server
    this.#options = options
    this.#lots = new ReplayedLog<LotsEntry, Lots>(server, LOTS, {
      empty: [],
      apply: (lots, entry) => [...lots.slice(-1), entry],
    })
    this.#inLine(() => this.#comeBack()).catch(options.onError)
  }

  /** The lot that is, or was last, up. */
  get state(): LotState {
    return this.#log?.state ?? UNOPENED
  }

  /** Decides a bid. It counts from the moment in which it came, whatever stands in line before it. */
  bid(request: BidRequest, bidder: Bidder): Promise<Verdict> {
    const atMs = this.#options.clock.now()
    return this.#inLine(async () => {
      for (;;) {
        const log = this.#log
        const verdict = judge(this.state, request, bidder, atMs)
        const known = verdict.kind === 'accepted' && verdict.bid.number <= this.state.bids.length
        if (log === undefined || verdict.kind === 'refused' || known) return verdict
        if (this.#withdrawn.has(request.id)) return this.#refused('withdrawn')
        if (await log.append({ type: 'bid', ...verdict.bid })) {
          this.#arm()
          return verdict
        }
      }
    })
  }

  /**
   * What became of a bid whose answer was lost. One that has not come is given up by this: should it still come, it
   * does not count. So the answer is final. @throws (rejects with) CallError when it cannot be
   */
  outcome({ lot, id }: Pick<BidRequest, 'lot' | 'id'>, bidder: string): Promise<Verdict> {
    return this.#inLine(async () => {
      const current = this.state.lot?.id === lot
      const log = current ? this.#log : this.#logOf(lot)
      await log?.catchUp()
      const bid = log?.state.bids.find((each) => each.id === id && each.bidder.id === bidder)
      if (bid !== undefined) return { kind: 'accepted', bid }
      // Nothing is accepted any more on a lot that is not up.
      if (current && this.#withdrawn.size >= WITHDRAWN_KEPT)
        throw new CallError('too many bids were given up')
      if (current) this.#withdrawn.add(id)
      return this.#refused('withdrawn')
    })
  }

  /** Opens the next lot when it is time, and somebody looks. */
  tick(): void {
    const idle = this.state.lot === undefined || this.state.closed
    if (!idle || this.#options.clock.now() < this.#nextAtMs || !this.#server.isFollowed(LOTS)) return
    this.#nextAtMs = Infinity
    this.#inLine(() => this.#open()).catch((error: unknown) => {
      this.#nextAtMs = 0
      this.#options.onError(error)
    })
  }

  end(): void {
    this.#ended = true
    this.#cancelTimer?.()
  }

  /** Goes on where a house on this log was ended: what it had accepted counts, and nobody lost time to bid. */
  async #comeBack(): Promise<void> {
    await this.#lots.catchUp()
    this.#nextAtMs = 0
    const last = this.#lots.state.at(-1)
    if (last === undefined) return
    const log = this.#logOf(last.lot.id)
    await log.catchUp()
    this.#log = log
    if (log.state.closed && last.type === 'opened') await this.#announce()
    if (log.state.closed) return
    const until = this.#options.clock.now() + last.lot.softCloseMs
    if (log.state.until < until) await log.append({ type: 'extended', until })
    this.#arm()
  }

  async #open(): Promise<void> {
    const { catalogue, clock, lotMs, softCloseMs } = this.#options
    const number = (this.#lots.state.at(-1)?.lot.number ?? 0) + 1
    const { title, text, drawing, startCents } = catalogue[(number - 1) % catalogue.length] ?? NOTHING
    const now = clock.now()
    const id = `${number}-${now.toString(36)}`
    const lot: Lot = { id, number, title, text, drawing, startCents, softCloseMs }
    const log = this.#logOf(lot.id)
    await log.append({ type: 'opened', lot, until: now + lotMs })
    if (!(await this.#lots.append({ type: 'opened', lot }))) return this.#comeBack()
    this.#log = log
    this.#withdrawn.clear()
    this.#arm()
  }

  /** Closes the lot at its end, which a late bid may have moved meanwhile. */
  #arm(): void {
    const { clock, onError } = this.#options
    this.#cancelTimer?.()
    if (this.#ended) return
    const ms = Math.max(0, this.state.until - clock.now())
    this.#cancelTimer = clock.after(ms, () => void this.#inLine(() => this.#close()).catch(onError))
  }

  async #close(): Promise<void> {
    const log = this.#log
    if (log === undefined) return
    while (!log.state.closed) {
      if (this.#options.clock.now() < log.state.until) return this.#arm()
      await log.append({ type: 'closed' })
    }
    await this.#announce()
  }

  /** Into the list of lots, unless it stands there. */
  async #announce(): Promise<void> {
    const { lot } = this.state
    const leader = leaderOf(this.state)
    this.#nextAtMs = this.#options.clock.now() + this.#options.pauseMs
    if (lot === undefined) return
    while (this.#lots.state.at(-1)?.type === 'opened') {
      const result = leader === undefined ? {} : { winner: leader.bidder, cents: leader.cents }
      await this.#lots.append({ type: 'closed', lot, ...result })
    }
  }

  #logOf(lot: string): ReplayedLog<LotEntry, LotState> {
    return new ReplayedLog<LotEntry, LotState>(this.#server, lotChannel(lot), {
      empty: UNOPENED,
      apply: applyEntry,
    })
  }

  #refused(code: RefusalCode): Verdict {
    return { kind: 'refused', code, minimumCents: minimumOf(this.state) }
  }

  #inLine<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#line.then(task)
    this.#line = done.catch(() => undefined)
    return done
  }
}
