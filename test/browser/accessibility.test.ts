/** Every page of the console, at the sizes and in the themes that people use; and the chat in its states. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { DESKTOP, launch, PHONE, Visitor } from './browser.ts'
import { judge } from './judge.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

const SIZES: readonly (readonly [string, BrowserContextOptions])[] = [
  ['1440 px', DESKTOP],
  ['768 px', { viewport: { width: 768, height: 1024 }, hasTouch: true }],
  ['390 px', PHONE],
]

const LONG_WORD = 'donaudampfschifffahrtsgesellschaftskapitänswitwe'.repeat(8)

describe('the page', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode('./forbidding.config.ts')
    browser = await launch()
    const wen = await Visitor.enter({ browser, url: node.url, name: LONG_WORD.slice(0, 40) })
    await wen.say('hello')
    await wen.say(`${LONG_WORD} https://example.org/${LONG_WORD}`)
    await wen.say('مرحبا بالعالم، كيف حالكم اليوم؟')
    await wen.leave()
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  for (const [size, context] of SIZES) {
    it(`has no fault that axe finds, and fits, whichever is shown, at ${size}`, async () => {
      const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', tools: true, context })
      const { page } = ada
      // Whatever the page leads to is looked at: its own directory is the table of this test.
      await page.goto(`${node.url}/console/#/`)
      await page.locator('.directory a').first().waitFor()
      const addresses = await page
        .locator('.directory a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
      assert.ok(addresses.includes('#/chat'))
      for (const address of ['#/', ...addresses, '#/nowhere']) {
        await page.goto(`${node.url}/console/${address}`)
        await page.locator('h1').waitFor()
        await page.locator('.loading').waitFor({ state: 'detached' })
        await judge(page, address)
        const closed = page.locator('main details:not([open]) > summary')
        if ((await closed.count()) === 0) continue
        while ((await closed.count()) > 0) await closed.first().click()
        await judge(page, `${address}, opened`)
      }
      await ada.leave()
    })

    it(`neither has the chat in its states, at ${size}`, async () => {
      const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', context })
      const { page } = ada
      await ada.say('a'.repeat(66_000))
      await page.locator('.unsent[data-state=failed]').waitFor()
      await judge(page, 'with messages')

      for (const sheet of ['Pages', 'Rooms and people', /0 lost, 0 duplicated/]) {
        const button = page.getByRole('button', { name: sheet })
        if ((await button.count()) === 0) continue
        await button.click()
        await page.getByRole('dialog').waitFor()
        const traffic = page.getByRole('dialog').getByRole('radio', { name: '20/s' })
        if ((await traffic.count()) > 0) {
          await traffic.check()
          await page.locator('.ribbon span').nth(30).waitFor()
        }
        await judge(page, `with the sheet ${sheet}`)
        await page.getByRole('button', { name: 'Close' }).click()
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      await page.goto(`${node.url}/console/#/chat/a-room-with-rather-a-long-name-as-people-make-them`)
      await page.getByText('Nothing has been said').waitFor()
      await judge(page, 'in an empty room')
      await ada.leave()
    })
  }

  it('has no fault while it is not connected', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', failures: true })
    await ada.use('polling')
    await ada.page.context().setOffline(true)
    await ada.page.getByText('You are offline.').waitFor()
    await ada.say('kept')
    await ada.page.getByText('Waiting for the connection').waitFor()
    await judge(ada.page, 'offline')
    await ada.leave()
  })
})
