/** What stands around the pages: the overview, addresses that lead nowhere, and pages that fail without the others. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { DESKTOP, launch, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('the shell', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode()
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  const open = async (address: string, url = node.url): Promise<Page> => {
    const page = await (await browser.newContext(DESKTOP)).newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(`${url}/console/${address}`)
    return page
  }

  it('shows one log over four transports, none of which misses anything', async () => {
    const visitor = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    const { page } = visitor
    await page.getByRole('link', { name: 'Overview' }).click()
    for (const transport of ['websocket', 'sse', 'long-polling', 'polling'])
      await page.locator(`.log-lane[data-transport=${transport}] [data-has]`).nth(3).waitFor()
    await page.getByRole('button', { name: 'Publish ten' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.waitForFunction(() => {
      const behind = [...document.querySelectorAll('.log-lane-delay .quiet')].map((each) => each.textContent)
      return behind.length === 4 && behind.every((each) => each === 'up to date')
    })
    const shown = await page
      .locator('.cells')
      .evaluateAll((rows) => rows.map((row) => row.querySelectorAll('[data-has]').length))
    assert.equal(shown.length, 5)
    assert.ok((shown[0] as number) >= 14, `${shown[0]} shown`)
    assert.equal(new Set(shown).size, 1, `each has all of the log: ${shown.join()}`)
    const counts = await page.locator('[data-delivered]').innerText()
    assert.match(counts, /^[\d,.]+ delivered, 0 lost, 0 duplicated$/)
    await visitor.leave()
  })

  it('says that an address leads nowhere, and where others lead', async () => {
    const page = await open('#/no/such%ZZ')
    await page.getByRole('heading', { name: 'No such page' }).waitFor()
    assert.equal(await page.title(), 'No such page · Holdfast')
    await page.locator('.directory').getByRole('link', { name: 'Chat' }).click()
    await page.getByRole('heading', { name: 'Chat' }).waitFor()
    await page.context().close()
  })

  it('can be asked again for a page whose file did not arrive, while the others go on', async () => {
    const page = await open('#/')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.route('**/chat-page-*.js', (route) => route.abort())
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Chat' }).click()
    await page.getByText('Chat could not be loaded').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Reload everything' }).waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'One log, four ways along it' }).waitFor()
    await page.goBack()
    await page.getByText('Chat could not be loaded').waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('textbox', { name: 'Message lobby' }).waitFor()
    // With its styles.
    assert.equal(
      await page.locator('.composer-field').evaluate((field) => getComputedStyle(field).display),
      'flex',
    )
    await page.context().close()
  })

  it('lets a page fail alone', async () => {
    const page = await open('#/')
    const body = "export const View = () => { throw new Error('it broke') }"
    await page.route('**/chat-page-*.js', (route) => route.fulfill({ contentType: 'text/javascript', body }))
    await page.goto(`${node.url}/console/#/chat`)
    await page.getByText('Chat has stopped').waitFor()
    await page.getByText('Error: it broke').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'One log, four ways along it' }).waitFor()
    await page.context().close()
  })

  it('says of each use case that the node does not run it, but of the chat, which needs nothing of it', async (t) => {
    const bare = await startNode('./open.config.ts', ['--no-examples'])
    t.after(() => bare.stop())
    const page = await open('#/', bare.url)
    const features = await (await fetch(`${bare.url}/console/features.json`)).json()
    assert.deepEqual(features, { examples: false, lab: false, admin: 'open' })
    await page.locator('.directory a').first().waitFor()
    const paths = await page
      .locator('.directory section', { hasText: 'Use cases' })
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    for (const path of paths) {
      await page.goto(`${bare.url}/console/${path}`)
      if (path === '#/chat') await page.getByRole('textbox', { name: 'Message lobby' }).waitFor()
      else await page.getByText('has a half on the node, and it does not run there').waitFor()
    }
    await page.context().close()
  })
})
