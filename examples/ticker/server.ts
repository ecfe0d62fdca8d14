/**
 * The node's half of the ticker. It publishes thousands of updates a second while somebody looks, and nothing while
 * nobody does. It does not know who can keep up: the channel's log serves each reader the latest of each symbol.
 */
import { CallError, type ChannelRule, type HoldfastServer } from 'holdfast/server'
import { Market } from './market.ts'
import { MINUTE_SECONDS } from './minute.ts'
import { DEFAULT_RATE, RATES } from './rate.ts'

/**
 * In memory, whatever keeps the node's other logs: a price that is a second old is worth nothing, and a disk could not
 * be asked for thousands of acknowledgements a second. The latest of each key is kept whatever the retention.
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
const SECOND_MS = 1_000

export const start = (server: HoldfastServer): (() => void) => {
  const floor = new TradingFloor(server)
  server.handle('ticker.rate', (perSecond) => floor.setRate(perSecond))
  const timer = setInterval(() => floor.step(performance.now()), STEP_MS)
  timer.unref()
  return () => clearInterval(timer)
}

class TradingFloor {
  readonly #server: HoldfastServer
  readonly #market = new Market()
  #perSecond = DEFAULT_RATE
  #publishing = false
  #steppedMs = 0
  #sinceSecondMs = 0
  #seconds = 0

  constructor(server: HoldfastServer) {
    this.#server = server
  }

  async setRate(asked: unknown): Promise<void> {
    const perSecond = RATES.find((rate) => rate === asked)
    if (perSecond === undefined) throw new CallError(`the rates are ${RATES.join(', ')} updates a second`)
    this.#perSecond = perSecond
    await this.#server.publish('ticker/rate', perSecond, { key: 'now' })
  }

  step(nowMs: number): void {
    // The log takes one step at a time; what is left out meanwhile, the next makes up for.
    if (this.#publishing) return
    const passedMs = Math.min(2 * STEP_MS, nowMs - this.#steppedMs)
    this.#steppedMs = nowMs
    if (!this.#server.isFollowed(PRICES)) return
    this.#publishing = true
    this.#publish(passedMs)
      .catch((error: unknown) => console.error('ticker:', error))
      .finally(() => (this.#publishing = false))
  }

  async #publish(passedMs: number): Promise<void> {
    if (this.#seconds === 0) await this.#open()
    await this.#pass(passedMs)
    const trades = this.#market.trade(Math.round((this.#perSecond * passedMs) / SECOND_MS))
    // One append for all of them, which wakes each reader once.
    if (trades.length > 0) await this.#server.publishAll(PRICES, trades)
  }

  /** Whoever comes first sees every price at once, of a market that has been open for a minute. */
  async #open(): Promise<void> {
    while (this.#seconds < MINUTE_SECONDS) {
      this.#market.trade(DEFAULT_RATE / 4)
      await this.#pass(SECOND_MS)
    }
    await this.#server.publishAll(PRICES, this.#market.prices)
    await this.#server.publish('ticker/rate', this.#perSecond, { key: 'now' })
  }

  async #pass(ms: number): Promise<void> {
    this.#market.pass(ms)
    this.#sinceSecondMs += ms
    if (this.#sinceSecondMs < SECOND_MS) return
    this.#sinceSecondMs -= SECOND_MS
    const prices = this.#market.prices.map(({ data: [hundredths] }) => hundredths)
    await this.#server.publish('ticker/minute', prices, { key: String(this.#seconds++ % MINUTE_SECONDS) })
  }
}
