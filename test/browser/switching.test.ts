/** The transport is changed in mid-stream, by hand, as the page offers it. Nothing is lost, nothing comes twice. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, PHONE, type Transport, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

const TOUR: readonly Transport[] = [
  'sse',
  'long-polling',
  'polling',
  'websocket',
  'long-polling',
  'sse',
  'polling',
  'websocket',
]

describe('a change of transport while messages flow', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode()
    browser = await launch('whole')
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  it('loses nothing and repeats nothing, for who publishes and for who reads', async () => {
    const room = 'stream'
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room })
    const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room })
    await ada.page.getByRole('radio', { name: '20/s' }).check()

    let before = 0
    for (const transport of TOUR) {
      await Promise.all([ada.use(transport), wen.use(transport)])
      // Enough of it is brought by this one.
      await Promise.all([ada, wen].map((visitor) => ticks(visitor, before + 15, transport)))
      before = await wen.page.locator('.ribbon span').count()
    }

    await ada.page.getByRole('radio', { name: 'Off' }).check()
    await ada.page.waitForFunction(() => {
      const { published, delivered } = document.querySelector<HTMLElement>('.tally')?.dataset ?? {}
      return published !== undefined && published === delivered
    })
    const published = Number(await ada.page.locator('.tally').getAttribute('data-published'))
    assert.ok(published > 8 * 15, `${published} published`)
    const wanted = Array.from({ length: published }, (_, index) => index + 1)
    for (const visitor of [ada, wen]) {
      await visitor.page
        .locator('.ribbon span')
        .nth(published - 1)
        .waitFor({ state: 'attached' })
      assert.deepEqual(await numbers(visitor), wanted)
      assert.equal(await visitor.count('lost'), 0)
      assert.equal(await visitor.count('duplicated'), 0)
      assert.equal(await visitor.count('gaps'), 0)
      await visitor.page.getByText('none missing, none twice').waitFor()
      await visitor.leave()
    }
  })

  it('says which transport is in use, and why', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    await ada.page.getByText('WebSocket is the fastest, and nothing stands in its way here.').waitFor()
    await ada.use('sse')
    await ada.page.getByText('You chose SSE.').waitFor()
    await ada.page.getByRole('radio', { name: /^Auto/ }).check()
    await ada.page.locator('.in-use[data-transport=websocket][data-status=connected]').waitFor()
    await ada.page.getByText('WebSocket is the fastest, and nothing stands in its way here.').waitFor()
    await ada.leave()
  })

  it('is offered on a phone too, in a sheet', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', context: PHONE })
    const bar = ada.page.getByRole('button', { name: /0 lost, 0 duplicated/ })
    await bar.click()
    await ada.use('long-polling')
    await ada.page.getByRole('button', { name: 'Close' }).click()
    await bar.getByText('Long polling').waitFor()
    // Where it was before the sheet.
    assert.ok(await bar.evaluate((element) => element === document.activeElement))
    await ada.say('from the phone')
    await ada.sees(['from the phone'])
    await ada.leave()
  })
})

/** Waits for `count` ticks, the last of them brought by this transport. */
const ticks = (visitor: Visitor, count: number, transport: Transport): Promise<unknown> =>
  visitor.page.waitForFunction(
    ({ count, transport }) => {
      const shown = document.querySelectorAll<HTMLElement>('.ribbon span')
      return shown.length >= count && shown[shown.length - 1]?.dataset['transport'] === transport
    },
    { count, transport },
  )

const numbers = (visitor: Visitor): Promise<number[]> =>
  visitor.page
    .locator('.ribbon span')
    .evaluateAll((shown) => shown.map((each) => Number((each as HTMLElement).dataset['simulated'])))
