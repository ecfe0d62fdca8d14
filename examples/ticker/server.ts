/**
 * The node's half of the ticker. It publishes thousands of updates a second while somebody looks, and nothing while
 * nobody does. It does not know who can keep up: the channel's log serves each reader the latest of each symbol.
 */
import { CallError, type ChannelRule, type HoldfastServer } from 'holdfast/server'
import { chanceFrom } from './chance.ts'
import { Market, type Trade } from './market.ts'
import { encodeQuote } from './quote.ts'
import { DEFAULT_RATE, type MarketState, type Rate, RATES, rateOf } from './rate.ts'
import { TRAIL_LENGTH, Trails } from './trails.ts'

/**
 * In memory, whatever keeps the node's other logs: a price that is a second old is worth nothing, and a disk could not
 * be asked for thousands of acknowledgements a second. The latest of each symbol is kept whatever the retention.
 */
export const rules: readonly ChannelRule[] = [
  {
    pattern: 'ticker/*',
    conflated: true,
    ephemeral: true,
    retention: { count: 2_000 },
    publish: false,
    presence: false,
  },
]

const PRICES = 'ticker/prices'
/** Ten times a second: nobody reads faster, and what is superseded within a step is sent to nobody. */
const STEP_MS = 100
const LOOK_MS = 250
/** What a step makes up for at most, where the node was busy with something else. */
const MOST_MS = 2 * STEP_MS
const SECOND_MS = 1_000

export const start = (server: HoldfastServer): (() => void) => {
  const floor = new TradingFloor(server)
  server.handle('ticker.rate', (perSecond) => floor.setRate(perSecond))
  server.handle('ticker.trails', (symbols) => floor.trailsOf(symbols))
  return () => floor.close()
}

class TradingFloor {
  readonly #trails = new Trails()
  readonly #server: HoldfastServer
  readonly #market = new Market(chanceFrom(1))
  readonly #look: NodeJS.Timeout
  #stepping: NodeJS.Timeout | undefined
  #rate: Rate = DEFAULT_RATE
  #told: MarketState | undefined
  #steppedMs = 0
  #sinceTrailMs = 0
  #opened = false
  /** Updates that are due, with the part of one that is not yet. */
  #due = 0
  #publishing = false

  constructor(server: HoldfastServer) {
    this.#server = server
    this.#look = setInterval(() => this.#lookAround(), LOOK_MS)
    this.#look.unref()
  }

  close(): void {
    clearInterval(this.#look)
    clearInterval(this.#stepping)
  }

  /** @throws CallError for what is none of the rates */
  setRate(perSecond: unknown): MarketState {
    const rate = rateOf(perSecond)
    if (rate === undefined) throw new CallError(`the rates are ${RATES.join(', ')} updates a second`)
    this.#rate = rate
    this.#tell()
    return this.#state
  }

  trailsOf(symbols: unknown): Record<string, readonly number[]> {
    this.#begin()
    return this.#trails.of(symbols)
  }

  get #state(): MarketState {
    return { perSecond: this.#rate, month: this.#market.month }
  }

  #lookAround(): void {
    const followed = this.#server.isFollowed(PRICES)
    if (followed && this.#stepping === undefined) this.#open()
    else if (!followed && this.#stepping !== undefined) this.#rest()
  }

  /** The market has been open for a minute when somebody looks for the first time: lines have something to show. */
  #begin(): void {
    if (this.#opened) return
    this.#opened = true
    for (let second = 0; second < TRAIL_LENGTH; second++) {
      this.#market.pass(SECOND_MS)
      this.#market.trade(DEFAULT_RATE / 4)
      this.#note()
    }
  }

  #open(): void {
    this.#begin()
    this.#steppedMs = performance.now()
    // Every price there is, so that whoever comes first sees all of them at once.
    this.#publish(this.#market.quotes())
    this.#tell()
    this.#stepping = setInterval(() => this.#step(), STEP_MS)
    this.#stepping.unref()
  }

  /** Whoever comes next finds the rate that nobody chose. */
  #rest(): void {
    clearInterval(this.#stepping)
    this.#stepping = undefined
    this.#rate = DEFAULT_RATE
    this.#due = 0
  }

  #step(): void {
    const nowMs = performance.now()
    const passedMs = Math.min(MOST_MS, nowMs - this.#steppedMs)
    this.#steppedMs = nowMs
    this.#market.pass(passedMs)
    this.#tell()
    this.#noteTrails(passedMs)
    this.#due = Math.min(this.#due + (this.#rate * passedMs) / SECOND_MS, (this.#rate * MOST_MS) / SECOND_MS)
    if (this.#publishing) return
    const count = Math.floor(this.#due)
    this.#due -= count
    this.#publish(this.#market.trade(count))
  }

  #noteTrails(passedMs: number): void {
    this.#sinceTrailMs += passedMs
    if (this.#sinceTrailMs < SECOND_MS) return
    this.#sinceTrailMs -= SECOND_MS
    this.#note()
  }

  #note(): void {
    for (const { symbol, quote } of this.#market.quotes()) this.#trails.note(symbol, quote.hundredths)
  }

  /** One append for all of them; the next waits until the log has taken it. */
  #publish(trades: readonly Trade[]): void {
    if (trades.length === 0) return
    this.#publishing = true
    const entries = trades.map(({ symbol, quote }) => ({ key: symbol, data: encodeQuote(quote) }))
    this.#server
      .publishAll(PRICES, entries)
      .catch((error: unknown) => console.error('ticker:', error))
      .finally(() => (this.#publishing = false))
  }

  #tell(): void {
    const state = this.#state
    if (state.perSecond === this.#told?.perSecond && state.month === this.#told.month) return
    this.#told = state
    this.#server
      .publish('ticker/market', state, { key: 'now' })
      .catch((error: unknown) => console.error('ticker:', error))
  }
}
