/** The scores in Chromium: timelines are complete over each transport, offline and back, and the log tells who was away. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { connect } from 'holdfast'
import { MemoryBroker } from 'holdfast/server'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { fixturesOf, kickOffMs, ROUND_MS, roundAt } from '../../examples/scores/league.ts'
import { playMatch } from '../../examples/scores/match.ts'
import { timelineOf } from '../../examples/scores/match-event.ts'
import { rules, start } from '../../examples/scores/server.ts'
import { DESKTOP, launch, PHONE, TRANSPORTS, Visitor } from './browser.ts'
import { judge } from './judge.ts'
import { Lift } from './lift.ts'
import { startUseCaseNode, type UseCaseNode } from './use-case-node.ts'

const FIRST_ROUND = 150_000
const STEP_MS = 45_000

describe('the scores', () => {
  const broker = new MemoryBroker()
  let node: UseCaseNode
  let browser: Browser
  let end: () => void
  /** The node's clock stands still, and is set forward by hand. */
  let nowMs = 0

  const now = (): number => nowMs
  const setClock = (ms: number): void => {
    nowMs = ms
  }
  /** Time passes at once; the node is asked to tell, as the next page that comes would. */
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms
    const client = connect(node.url, { transport: 'polling' })
    await client.call('scores.now')
    client.close()
  }
  const enter = async (
    url = node.url,
    context: BrowserContextOptions = DESKTOP,
    failures = false,
  ): Promise<Visitor> => {
    const visitor = await Visitor.enter({ browser, url, context, failures })
    await open(visitor.page, url)
    return visitor
  }
  /** Waits for everything that has happened in the first match by now, and finds it once and in order. */
  const complete = async ({ page }: Visitor, when: string): Promise<void> => {
    const [fixture] = fixturesOf(roundAt(now()))
    const atMs = now()
    const wanted = playMatch(fixture!)
      .filter((event) => event.atMs <= atMs)
      .map(({ kind, minute }) => `${kind} ${minute}′`)
    await page
      .waitForFunction(
        (least) => document.querySelectorAll('.scores-timeline li').length >= least,
        wanted.length,
      )
      .catch(() => undefined)
    const entries = await timeline(page)
    assert.deepEqual(
      entries.slice(0, wanted.length).map(({ text }) => text),
      wanted,
      when,
    )
    assert.deepEqual(
      entries.map(({ offset }) => offset),
      entries.map((_, index) => index + 1),
      when,
    )
  }

  before(async () => {
    node = await startUseCaseNode({ rules, broker })
    end = start(node.server, { now })
    setClock(kickOffMs(FIRST_ROUND) + 30_000)
    browser = await launch()
  })
  after(async () => {
    end?.()
    await browser?.close()
    await node?.server.close()
    await broker.dispose()
  })

  it('a timeline is complete and in order over each transport, for two pages, and after each switch', async () => {
    const [ada, wen] = await Promise.all([enter(), enter()])
    for (const transport of TRANSPORTS) {
      await Promise.all([ada.use(transport), pass(STEP_MS)])
      await Promise.all([complete(ada, transport), complete(wen, `beside ${transport}`)])
    }
    assert.deepEqual(await board(ada.page), await board(wen.page))
    for (const visitor of [ada, wen]) {
      assert.deepEqual(
        [await visitor.count('lost'), await visitor.count('duplicated'), await visitor.count('gaps')],
        [0, 0, 0],
      )
      await visitor.leave()
    }
  })

  it('offline and back, over each transport, loses nothing', async (t) => {
    setClock(kickOffMs(FIRST_ROUND + 1) + 30_000)
    const lift = new Lift(node.port, t)
    await lift.up()
    const ada = await enter(lift.url, DESKTOP, true)
    for (const transport of TRANSPORTS) {
      await ada.use(transport)
      await lift.down()
      await ada.page.getByText('No connection: what you miss is read').waitFor()
      await pass(STEP_MS)
      await lift.up()
      await complete(ada, transport)
    }
    assert.deepEqual(
      [await ada.count('lost'), await ada.count('duplicated'), await ada.count('gaps')],
      [0, 0, 0],
    )
    await ada.leave()
  })

  it('tells who comes back what happened meanwhile, from the log; and says so when the log cannot', async () => {
    setClock(kickOffMs(FIRST_ROUND + 5) + 60_000)
    const ada = await enter()
    const { page } = ada
    assert.equal(await page.locator('.scores-away').count(), 0, 'the first visit has missed nothing')
    await page.goto('about:blank')

    // All of round 6 is over, and nothing of round 7 has begun.
    setClock(kickOffMs(FIRST_ROUND + 7) - 30_000)
    await open(page, node.url)
    await page.getByRole('heading', { name: 'While you were away' }).waitFor()
    await page.getByText('8 matches finished').waitFor()
    const wanted = [6, 5].flatMap((round) =>
      fixturesOf(FIRST_ROUND + round).map((fixture) => {
        const [home, away] = playMatch(fixture).at(-1)!.score
        return `${fixture.home} ${home}–${away} ${fixture.away}`
      }),
    )
    assert.deepEqual(await page.locator('.scores-away li > strong').allInnerTexts(), wanted)
    await judge(page, 'with a digest')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.locator('.scores-away').waitFor({ state: 'detached' })
    await page.reload()
    await page.locator('.scores-timeline li').first().waitFor()
    assert.equal(await page.locator('.scores-away li').count(), 0, 'what was told is not told again')

    await page.goto('about:blank')
    await broker.delete('scores/news')
    setClock(kickOffMs(FIRST_ROUND + 8) + 1_000)
    await open(page, node.url)
    await page.getByText('The node has begun its logs anew').waitFor()
    await ada.leave()
  })

  it('cannot be scored in by a client', async () => {
    const client = connect(node.url)
    const [fixture] = fixturesOf(roundAt(now()))
    for (const channel of [timelineOf(fixture!), 'scores/news'])
      await assert.rejects(client.channel(channel).publish({ kind: 'goal' }), { code: 'forbidden' })
    client.close()
  })

  const sizes: readonly (readonly [string, BrowserContextOptions])[] = [
    ['1440 px, dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['390 px, light', PHONE],
  ]
  for (const [size, context] of sizes) {
    it(`has no fault that axe finds, and fits, at ${size}`, async () => {
      setClock(kickOffMs(roundAt(now()) + 1) + ROUND_MS - 30_000)
      const ada = await enter(node.url, context)
      await judge(ada.page, 'with four matches that are over')
      await ada.leave()
    })
  }
})

const open = async (page: Page, url: string): Promise<void> => {
  await page.goto(`${url}/console/#/scores`)
  await page.locator('.scores-match').nth(3).waitFor()
  await page.locator('.scores-timeline li').first().waitFor()
}

/** From the kick-off on. */
const timeline = (page: Page): Promise<{ text: string; offset: number }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.scores-timeline li')].reverse().map((entry) => ({
      text: `${entry.dataset['kind']} ${entry.querySelector('.scores-minute')?.textContent}`,
      offset: Number(entry.dataset['offset']),
    })),
  )

const board = (page: Page): Promise<string[]> => page.locator('.scores-team').allInnerTexts()
