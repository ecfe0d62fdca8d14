/** The ticker in Chromium: 5,000 updates a second, and the page shows the latest of every symbol over every transport. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { connect } from 'holdfast'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { LISTINGS } from '../../examples/ticker/listing.ts'
import { formatPrice, quoteOf } from '../../examples/ticker/quote.ts'
import { rules, start } from '../../examples/ticker/server.ts'
import { DESKTOP, launch, PHONE, TRANSPORTS, Visitor } from './browser.ts'
import { judge } from './judge.ts'
import { startUseCaseNode, type UseCaseNode } from './use-case-node.ts'

/** What a row shows: its price, and how often it was traded, which no two prices of a symbol have in common. */
type Shown = Record<string, string>

describe('the ticker', () => {
  let node: UseCaseNode
  let browser: Browser
  let end: () => void

  before(async () => {
    // A regular poll is told to come again after two seconds, whatever it brought.
    node = await startUseCaseNode({ rules, limits: { pollMinMs: 2_000, pollMaxMs: 2_000 } })
    end = start(node.server)
    browser = await launch()
  })
  after(async () => {
    end?.()
    await browser?.close()
    await node?.server.close()
  })

  it('shows the latest price of every symbol, over each transport and after each switch in the middle', async () => {
    const ada = await enter(browser, node)
    let last: Shown = {}
    for (const transport of [...TRANSPORTS].reverse()) {
      await askRate(node, 5_000)
      await ada.page.locator('.ticker-rate :checked[value="5000"]').waitFor()
      await ada.use(transport)
      // A market that has begun anew counts its trades anew: nothing is left of what the last one ended with.
      await everyRow(ada, 'unlike', last)
      const early = await shown(ada)
      const [allBefore, , supersededBefore] = await counts(ada)
      await published(ada, 12_000)
      const late = await shown(ada)
      for (const [symbol, text] of Object.entries(early))
        assert.ok(tradesOf(late[symbol]) >= tradesOf(text), `${symbol} went back over ${transport}`)
      const [all, delivered, superseded] = await counts(ada)
      assert.equal(all, delivered + superseded)
      // The poll that comes every two seconds is spared nearly all of it.
      const [since, spared] = [all - allBefore, superseded - supersededBefore]
      if (transport === 'polling') assert.ok(spared > 0.7 * since, `${spared} of ${since} superseded`)

      end()
      last = await truth(node)
      await agrees(ada, last, transport)
      assert.deepEqual(
        [await ada.count('lost'), await ada.count('duplicated'), await ada.count('gaps')],
        [0, 0, 0],
      )
      end = start(node.server)
    }
    await ada.leave()
  })

  it('is one market for two pages, and the rate that one of them chooses is the other one’s too', async () => {
    const [ada, wen] = await Promise.all([enter(browser, node), enter(browser, node)])
    // What was asked for a moment ago is then never behind prices that a busy machine has not drawn yet.
    await Promise.all([ada.use('polling'), wen.use('polling')])
    await ada.page.locator('.ticker-rate label', { hasText: '1,000' }).click()
    await wen.page.locator('.ticker-rate :checked[value="1000"]').waitFor()
    await assert.rejects(askRate(node, 1_000_000), /the rates are 1000, 2000, 5000/)
    await wen.page.locator('.ticker-rate label', { hasText: '2,000' }).click()
    await ada.page.locator('.ticker-rate :checked[value="2000"]').waitFor()
    await askRate(node, 1_000)
    await Promise.all([ada.leave(), wen.leave()])
  })

  it('cannot be told a price by a client', async () => {
    const client = connect(node.url)
    const forged = client.channel('ticker/prices').publish([1, 1, 1], { key: 'SPX' })
    await assert.rejects(forged, { code: 'forbidden' })
    client.close()
  })

  it('is reached by keys: rows by the arrows, what is pinned stays at the top, also after a reload', async () => {
    const ada = await enter(browser, node)
    const { page } = ada
    await page.getByLabel('Find').fill('kestrel')
    await page.getByText('15 symbols').waitFor()
    await page.getByRole('button', { name: 'Pin KEBA.X' }).focus()
    for (const key of ['ArrowDown', 'End', 'Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key)
    await page.getByLabel('Find').fill('')
    await page.getByText('306 symbols').waitFor()
    assert.equal(await page.locator('[data-symbol]').first().getAttribute('data-symbol'), 'KECA.X')
    await page.reload()
    await page.locator('[data-symbol]').first().waitFor()
    assert.equal(await page.locator('[data-symbol]').first().getAttribute('data-symbol'), 'KECA.X')
    await page.getByRole('button', { name: 'Price' }).click()
    await page.locator('[data-column=price][aria-sort=descending]').waitFor()
    await ada.leave()
  })

  const sizes: readonly (readonly [string, BrowserContextOptions])[] = [
    ['1440 px, light', DESKTOP],
    ['390 px, dark', { ...PHONE, colorScheme: 'dark' }],
  ]
  for (const [size, context] of sizes) {
    it(`has no fault that axe finds, and fits, at ${size}`, async () => {
      const ada = await enter(browser, node, context)
      // Every row is made alike: axe need not look at all 306 of them.
      await ada.page.getByLabel('Find').fill('kestrel')
      await ada.page.getByText('15 symbols').waitFor()
      await judge(ada.page, 'with prices')
      await ada.page.getByLabel('Find').fill('nothing is called this')
      await ada.page.getByText('No symbol or name here contains').waitFor()
      await judge(ada.page, 'with nothing found')
      await ada.leave()
    })
  }
})

const enter = async (
  browser: Browser,
  node: UseCaseNode,
  context: BrowserContextOptions = DESKTOP,
): Promise<Visitor> => {
  const visitor = await Visitor.enter({ browser, url: node.url, context })
  await visitor.page.goto(`${node.url}/console/#/ticker`)
  await visitor.page.waitForFunction((symbols) => {
    const filled = [...document.querySelectorAll('[data-symbol] [data-part=price]')]
    return filled.length === symbols && filled.every((each) => each.textContent !== '')
  }, LISTINGS.length)
  return visitor
}

const askRate = async (node: UseCaseNode, perSecond: number): Promise<void> => {
  const client = connect(node.url, { transport: 'polling' })
  try {
    await client.call('ticker.rate', perSecond)
  } finally {
    client.close()
  }
}

const shown = (visitor: Visitor): Promise<Shown> =>
  visitor.page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-symbol]')].map((row) => [
        row.dataset['symbol'],
        ['price', 'trades'].map((part) => row.querySelector(`[data-part=${part}]`)?.textContent).join(' '),
      ]),
    ),
  )

const tradesOf = (text = ''): number => Number(text.split(' ')[1])

const counts = (visitor: Visitor): Promise<[number, number, number]> =>
  visitor.page.evaluate(
    () =>
      ['published', 'delivered', 'superseded'].map((name) =>
        Number(document.querySelector(`[data-count-of=${name}]`)?.textContent?.replaceAll(',', '')),
      ) as [number, number, number],
  )

/** Waits until the page knows of this many more publications. */
const published = async (visitor: Visitor, more: number): Promise<void> => {
  const [before] = await counts(visitor)
  await visitor.page.waitForFunction(
    (wanted) =>
      Number(document.querySelector('[data-count-of=published]')?.textContent?.replaceAll(',', '')) >= wanted,
    before + more,
  )
}

/** The latest of each symbol, as the log has it once nothing is published any more. */
const truth = async (node: UseCaseNode): Promise<Shown> => {
  const client = connect(node.url)
  const top = (await node.server.describe('ticker/prices'))?.top
  const latest: Shown = {}
  for await (const { key, data, offset } of client
    .channel('ticker/prices')
    .subscribe({ from: 'start', conflate: true })) {
    const quote = quoteOf(data)
    if (key !== undefined && quote !== undefined) latest[key] = `${formatPrice(quote[0])} ${quote[2]}`
    if (offset === top) break
  }
  client.close()
  assert.equal(Object.keys(latest).length, LISTINGS.length)
  return latest
}

const agrees = async (visitor: Visitor, wanted: Shown, when: string): Promise<void> => {
  await everyRow(visitor, 'as', wanted).catch(() => undefined)
  assert.deepEqual(await shown(visitor), wanted, when)
}

/** Waits until every row shows that, or until none does. */
const everyRow = (visitor: Visitor, how: 'as' | 'unlike', other: Shown): Promise<unknown> =>
  visitor.page.waitForFunction(
    ([how, other]) =>
      [...document.querySelectorAll<HTMLElement>('[data-symbol]')].every((row) => {
        const text = ['price', 'trades']
          .map((part) => row.querySelector(`[data-part=${part}]`)?.textContent)
          .join(' ')
        return (other[row.dataset['symbol'] ?? ''] === text) === (how === 'as')
      }),
    [how, other] as const,
  )
