/**
 * The game in a browser: two people see each other move over each transport, a change of transport in the middle loses
 * nothing, and it stays playable on a network that delays and cuts.
 *
 * "Playable with 100 ms of delay and 5 % of cuts" means here, with every byte 100 ms late in each direction and every
 * half second of a connection's life ending in a reset with a chance of one in twenty:
 * - a person who points at a place is there, by the server's word, within twice the time that the way takes, and 3 s;
 * - 95 of 100 guesses of where one's own ship will be are within one ship's width, 48 units, of where the server had it,
 *   and none is further off than a ship moves in a second and a half, 570 units;
 * - every input that was sent is applied, in order, once: none is missed;
 * - nothing is lost or comes twice, and there is no gap.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { TcpProxy } from '../network/tcp-proxy.ts'
import { launch, PHONE, type Transport, TRANSPORTS, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

interface Ship {
  readonly x: number
  readonly y: number
}

/** Somebody's page with the game. */
class Sailor {
  readonly visitor: Visitor
  readonly page: Page

  private constructor(visitor: Visitor) {
    this.visitor = visitor
    this.page = visitor.page
  }

  static async enter(
    browser: Browser,
    url: string,
    at: { name: string; arena: string; context?: BrowserContextOptions; failures?: boolean },
  ): Promise<Sailor> {
    const { name, arena, context = {}, failures = false } = at
    const sailor = new Sailor(await Visitor.enter({ browser, url, name, context, failures }))
    await sailor.page.goto(`${url}/console/#/game/${arena}`)
    await sailor.page.locator('.game-scores li[data-own]').waitFor()
    return sailor
  }

  /** Where the server last had the ship of somebody, as this page knows. */
  ship(name: string): Promise<Ship> {
    return this.#row(name).evaluate(({ dataset: { x, y } }) => ({ x: Number(x), y: Number(y) }))
  }

  /** Waits until the ship of somebody has moved far from a place. */
  async seesMove(name: string, from: Ship): Promise<void> {
    const row = await this.#row(name).elementHandle()
    await this.page.waitForFunction(
      ({ row, from }) => {
        const { x, y } = (row as HTMLElement).dataset
        return Math.hypot(Number(x) - from.x, Number(y) - from.y) > 150
      },
      { row, from },
    )
  }

  /** Holds the key that leads to the middle, and lets go of it when `act` is done. */
  async steering(name: string, act: () => Promise<unknown>): Promise<void> {
    const { x } = await this.ship(name)
    const key = x > 800 ? 'ArrowLeft' : 'ArrowRight'
    await this.page.keyboard.down(key)
    await act()
    await this.page.keyboard.up(key)
  }

  async numbers(): Promise<Readonly<Record<string, number>>> {
    const texts = await this.page
      .locator('.game-numbers')
      .evaluate((element) => ({ ...(element as HTMLElement).dataset }))
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)]))
  }

  /** Waits until so many more ticks have come and inputs have been applied. */
  async goesOn(ticks: number, inputs: number): Promise<void> {
    const before = await this.numbers()
    await this.page.waitForFunction(
      ({ tick, applied }) => {
        const { dataset } = document.querySelector('.game-numbers') as HTMLElement
        return Number(dataset['tick']) >= tick && Number(dataset['applied']) >= applied
      },
      { tick: (before['tick'] ?? 0) + ticks, applied: (before['applied'] ?? 0) + inputs },
    )
  }

  /** Ends the visit. @throws when something was lost, came twice, or was not applied. */
  async leave(): Promise<void> {
    for (const count of ['lost', 'duplicated', 'gaps'] as const)
      assert.equal(await this.visitor.count(count), 0, count)
    assert.equal((await this.numbers())['missed'], 0)
    await this.visitor.leave()
  }

  #row(name: string): ReturnType<Page['locator']> {
    return this.page.locator('.game-scores li', { hasText: name })
  }
}

describe('the game', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode('./game.config.ts')
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  for (const transport of TRANSPORTS) {
    it(`shows two people each other's moves over ${transport}`, async () => {
      const arena = `over-${transport}`
      const [ada, wen] = await Promise.all(
        ['Ada', 'Wen'].map((name) => Sailor.enter(browser, node.url, { name, arena })),
      )
      assert.ok(ada && wen)
      await Promise.all([ada, wen].map(({ visitor }) => visitor.use(transport)))
      for (const [mover, name, watcher] of [
        [ada, 'Ada', wen],
        [wen, 'Wen', ada],
      ] as const) {
        const from = await watcher.ship(name)
        await mover.steering(name, () =>
          Promise.all([watcher.seesMove(name, from), mover.seesMove(name, from)]),
        )
      }
      const { late, error } = await ada.numbers()
      assert.ok(late !== undefined && late > 50 && late < 4_000, `the others are ${late} ms late`)
      assert.ok(error !== undefined && error < 48, `guesses were off by ${error}`)
      await Promise.all([ada.leave(), wen.leave()])
    })
  }

  it('goes on through changes of transport, which lose nothing and repeat nothing', async () => {
    const ada = await Sailor.enter(browser, node.url, { name: 'Ada', arena: 'changes' })
    const tour: readonly Transport[] = ['sse', 'polling', 'long-polling', 'websocket']
    for (const transport of tour) {
      await ada.visitor.use(transport)
      await ada.steering('Ada', () => ada.goesOn(15, 3))
    }
    await ada.leave()
  })

  it('is steered with a finger on a phone, without moving the page', async () => {
    const ada = await Sailor.enter(browser, node.url, { name: 'Ada', arena: 'phone', context: PHONE })
    const from = await ada.ship('Ada')
    const box = await ada.page.locator('.game canvas').boundingBox()
    assert.ok(box)
    const finger = await ada.page.context().newCDPSession(ada.page)
    const touch = (type: string, ...at: { x: number; y: number }[]): Promise<unknown> =>
      finger.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: at })
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const to = from.y > 500 ? y - 70 : y + 70
    await touch('touchStart', { x, y })
    await touch('touchMove', { x, y: (y + to) / 2 })
    await touch('touchMove', { x, y: to })
    await ada.seesMove('Ada', from)
    await touch('touchEnd')
    assert.equal(
      await ada.page.evaluate(() => scrollY + (document.querySelector('.game')?.scrollTop ?? 0)),
      0,
    )
    await ada.visitor.leave()
  })

  it('pauses while it is hidden: nothing is followed, and it goes on afterwards', async () => {
    const ada = await Sailor.enter(browser, node.url, { name: 'Ada', arena: 'hidden' })
    const hide = (hidden: boolean): Promise<void> =>
      ada.page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await ada.goesOn(5, 1)
    await hide(true)
    const before = await ada.numbers()
    const wen = await Sailor.enter(browser, node.url, { name: 'Wen', arena: 'hidden' })
    await wen.page.locator('.game-scores li[data-away]', { hasText: 'Ada' }).waitFor()
    assert.equal((await ada.numbers())['tick'], before['tick'])
    await hide(false)
    await ada.goesOn(5, 1)
    await wen.page.locator('.game-scores li:not([data-away])', { hasText: 'Ada' }).waitFor()
    await Promise.all([ada.leave(), wen.leave()])
  })
})
