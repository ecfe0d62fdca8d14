/**
 * An auction in this process, with the built page, and bidders in Chromium. What a bidder's page is connected by can be
 * cut, and what the auctioneer writes can be held back, each at the moment that a test wants.
 */
import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer as listen, type Server, type Socket } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { CATALOGUE } from '../../console/src/auction/catalogue.ts'
import { House } from '../../examples/auction/house.ts'
import { type Entry, ROOM } from '../../examples/auction/lot.ts'
import { rules, start } from '../../examples/auction/server.ts'
import { servePage } from '../../src/cli/console-page.ts'
import { reset } from '../../src/network/reset.ts'
import { DESKTOP, type Transport } from './browser.ts'

export interface Times {
  readonly lotMs: number
  readonly softCloseMs: number
  readonly pauseMs: number
}

const LONG: Times = { lotMs: 600_000, softCloseMs: 15_000, pauseMs: 600_000 }

export class AuctionRoom {
  readonly server: HoldfastServer
  readonly url: string
  /** The auctioneer's. */
  readonly clock: { aheadMs: number }
  readonly #end: () => void

  private constructor(server: HoldfastServer, url: string, end: () => void, clock: { aheadMs: number }) {
    this.server = server
    this.url = url
    this.clock = clock
    this.#end = end
  }

  static async open(times: Times = LONG): Promise<AuctionRoom> {
    const limits = {
      commandsPerSecond: 500,
      commandBurst: 500,
      presenceGraceMs: 200,
      pollMinMs: 100,
      pollMaxMs: 200,
    }
    const server = createServer({ rules, limits, fallback: servePage({ examples: true, admin: 'off' }) })
    const clock = { aheadMs: 0 }
    const now = (): number => Date.now() + clock.aheadMs
    const end = start(server, new House(server, { ...times, catalogue: CATALOGUE, now }))
    const { url } = await server.listen()
    return new AuctionRoom(server, url, end, clock)
  }

  /** The log of the room, as the node keeps it. */
  async log(): Promise<Entry[]> {
    const { publications } = await this.server.history(ROOM)
    return publications.map(({ data }) => data as Entry)
  }

  /** Those of the first lot. */
  async bids(): Promise<string[]> {
    return (await this.log())
      .flatMap((entry) => (entry.type === 'bid' ? [entry.bid] : []))
      .map(({ number, cents, bidder }) => `${number}. ${cents / 100} ${bidder.name}`)
  }

  /**
   * Holds the next entry of the auctioneer: `asked` is fulfilled when it wants to write it, and `release` lets it.
   * @param after what happens when it is in the log and nobody has been told.
   */
  hold(after: () => void = () => undefined): { readonly asked: Promise<void>; readonly release: () => void } {
    const asked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const publish = this.server.publish.bind(this.server)
    this.server.publish = async (...args) => {
      delete (this.server as Partial<HoldfastServer>).publish
      asked.resolve()
      await released.promise
      const cursor = await publish(...args)
      after()
      return cursor
    }
    return { asked: asked.promise, release: released.resolve }
  }

  async close(): Promise<void> {
    this.#end()
    await this.server.close({ graceMs: 100 })
  }
}

/** The way from a page to the node. */
export class Way {
  /** What the page sends is lost on its way. */
  swallows = false
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #down = false

  private constructor(target: number) {
    this.#target = target
    this.#server = listen((client) => this.#accept(client))
  }

  static async open(url: string): Promise<Way> {
    const way = new Way(Number(new URL(url).port))
    await new Promise<void>((resolve) => way.#server.listen(0, '127.0.0.1', resolve))
    return way
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Everything on it is reset, and nothing comes through until it is `up`. */
  cut(): void {
    this.#down = true
    for (const socket of this.#sockets) reset(socket)
  }

  up(): void {
    this.#down = false
    this.swallows = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #accept(client: Socket): void {
    if (this.#down) return reset(client)
    const upstream = connect(this.#target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => this.swallows || upstream.write(bytes))
    upstream.pipe(client)
  }
}

export interface BidderOptions {
  readonly url: string
  readonly name: string
  readonly context?: BrowserContextOptions
  /** Milliseconds that the clock of this computer is ahead. */
  readonly clockAheadMs?: number
  /** The network is to fail: what the browser logs about that is no fault of the page's. */
  readonly failures?: boolean
}

export class BidderPage {
  readonly page: Page
  readonly #faults: string[] = []

  private constructor(page: Page, failures: boolean) {
    this.page = page
    page.on('pageerror', (error) => this.#faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (failures && /Failed to load resource|WebSocket connection|net::ERR_/.test(message.text())) return
      this.#faults.push(message.text())
    })
  }

  static async enter(browser: Browser, options: BidderOptions): Promise<BidderPage> {
    const { url, name, clockAheadMs = 0, failures = false } = options
    const context = await browser.newContext({ ...DESKTOP, reducedMotion: 'reduce', ...options.context })
    context.setDefaultTimeout(15_000)
    await context.addInitScript(
      ({ name, clockAheadMs }) => {
        localStorage.setItem('holdfast.person', JSON.stringify({ id: `id-${name}`, name }))
        const now = Date.now
        Date.now = () => now() + clockAheadMs
      },
      { name, clockAheadMs },
    )
    const bidder = new BidderPage(await context.newPage(), failures)
    await bidder.page.goto(`${url}/console/#/auction`)
    await bidder.button.waitFor()
    return bidder
  }

  get button() {
    return this.page.locator('.auction-bid')
  }

  async use(transport: Transport): Promise<void> {
    await this.page.locator(`.delivery input[value=${transport}]`).check()
    await this.page.locator(`.in-use[data-transport=${transport}][data-status=connected]`).waitFor()
  }

  /** Presses the button for the next step, when it can be pressed. */
  async bid(): Promise<void> {
    await this.button.and(this.page.locator(':enabled')).click()
  }

  async stands(standing: 'none' | 'leading' | 'outbid' | 'won' | 'lost'): Promise<void> {
    await this.page.locator(`.auction-standing[data-standing=${standing}]`).waitFor()
  }

  async isTold(text: string | RegExp): Promise<void> {
    await this.page.locator('.auction-own', { hasText: text }).waitFor()
  }

  /** The bids that the page shows, the first one first, as `AuctionRoom.bids` tells them. */
  async sees(bids: readonly string[]): Promise<void> {
    const list = this.page.locator('.auction-history [data-entry=bid]')
    await list.nth(bids.length - 1).waitFor()
    const shown = await list.evaluateAll((rows) =>
      rows.map((row) => ({
        sum: row.querySelector('.auction-sum')?.textContent ?? '',
        name: (row.querySelector('.auction-name')?.textContent ?? '').replace(' (you)', ''),
      })),
    )
    const texts = shown
      .reverse()
      .map(({ sum, name }, index) => `${index + 1}. ${Number(sum.replaceAll(/[$,]/g, ''))} ${name}`)
    assert.deepEqual(texts, bids)
  }

  async nothingLost(): Promise<void> {
    for (const count of ['lost', 'duplicated', 'gaps'])
      assert.equal(await this.page.locator(`[data-count=${count}] dd`).innerText(), '0', count)
  }

  /** @throws when the page did something that a page should not do. */
  async leave(): Promise<void> {
    await this.page.context().close()
    assert.deepEqual(this.#faults, [])
  }
}
