/**
 * The auctioneer: opens lots, decides bids one after the other in the order in which they came, and closes a lot when its
 * time is up. It appends each decision behind exactly those entries on which it was made, before anybody is told: of two
 * nodes that decide at once, one has to look again.
 */
import { type HoldfastServer, ProtocolError } from 'holdfast/server'
import { type BidRequest, judge, type Verdict } from './judge.ts'
import { applyEntry, type Bid, EMPTY, type Entry, KEPT, type Lot, ROOM, type State } from './lot.ts'

/** What is sold, one after the other. All of it is invented. */
const catalogue = [
  { title: 'Ship’s bell', text: 'Cast brass, of 1911. The note is a clear A.', startCents: 8_000 },
  { title: 'Storm lantern', text: 'Copper, with its old green glass.', startCents: 3_000 },
]

const DEFAULTS = {
  catalogue,
  lotMs: 90_000,
  softCloseMs: 15_000,
  pauseMs: 8_000,
  now: (): number => Date.now(),
}

export class House {
  /** What the log says up to `#cursor`, which is undefined when the log has to be read. */
  state: State = EMPTY
  #cursor: string | undefined
  /** Until the first tick. */
  #wasAway = true
  /** What is to be decided, one after the other. */
  #line: Promise<unknown> = Promise.resolve()
  readonly #server: HoldfastServer
  readonly #options: typeof DEFAULTS

  constructor(server: HoldfastServer, options: Partial<typeof DEFAULTS> = {}) {
    this.#server = server
    this.#options = { ...DEFAULTS, ...options }
  }

  /** Decides a bid. It counts from the moment in which it came, whatever stands in line before it. */
  bid(request: BidRequest, bidder: Bid['bidder']): Promise<Verdict> {
    const atMs = this.#options.now()
    return this.#decide(async () => {
      // So late it can only be the question what became of it; then the log has the word.
      if (atMs > request.notAfter) await this.#read()
      const verdict = judge(this.state, request, bidder, atMs)
      if (verdict.kind === 'accepted' && !this.state.known.includes(verdict.bid))
        await this.#append({ type: 'bid', bid: verdict.bid })
      return verdict
    })
  }

  /** Does what it is time for; to be called a few times a second. A lot is opened only while somebody looks. */
  tick(): Promise<void> {
    return this.#decide(async () => {
      const { lot, until, closed } = this.state
      const { lotMs, softCloseMs, pauseMs } = this.#options
      const now = this.#options.now()
      // Nobody loses the time in which nobody could bid.
      if (lot && !closed && this.#wasAway && until < now + softCloseMs)
        await this.#append({ type: 'opened', lot, until: now + softCloseMs })
      else if (!closed && now >= until) await this.#append({ type: 'closed' })
      else if (closed && now >= until + pauseMs && this.#server.isFollowed(ROOM))
        await this.#append({ type: 'opened', lot: this.#nextLot(now), until: now + lotMs })
      this.#wasAway = false
    })
  }

  #nextLot(now: number): Lot {
    const { catalogue, softCloseMs } = this.#options
    const last = this.state.lot?.number ?? 0
    const item = catalogue.at(last % catalogue.length) as (typeof catalogue)[number]
    return { ...item, id: `lot-${last + 1}-${now.toString(36)}`, number: last + 1, softCloseMs }
  }

  async #append(entry: Entry): Promise<void> {
    const expect = this.#cursor === undefined ? {} : { expect: this.#cursor }
    this.#cursor = await this.#server.publish(ROOM, entry, expect)
    this.state = applyEntry(this.state, entry)
  }

  /** All that the log keeps. Its first entry may stand there twice; everything else is appended behind it. */
  async #read(): Promise<void> {
    if ((await this.#server.describe(ROOM)) === undefined) await this.#append({ type: 'closed' })
    this.state = EMPTY
    let from = '-1'
    for (let more = true; more;) {
      const page = await this.#server.history(ROOM, { from, limit: KEPT })
      for (const { data } of page.publications) this.state = applyEntry(this.state, data as Entry)
      ;({ cursor: from, more } = page)
    }
    this.#cursor = from
  }

  /** When its turn comes, and anew as long as something else was first in the log. */
  #decide<T>(decision: () => Promise<T>): Promise<T> {
    const decide = async (): Promise<T> => {
      try {
        if (this.#cursor === undefined) await this.#read()
        return await decision()
      } catch (error) {
        this.#cursor = undefined
        if (error instanceof ProtocolError && error.code === 'expect_failed') return decide()
        throw error
      }
    }
    const decided = this.#line.then(decide)
    this.#line = decided.catch(() => undefined)
    return decided
  }
}
