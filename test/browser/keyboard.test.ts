/** Everything without a pointer: writing, lines, rooms, the transport, one's name, and where the focus goes. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('the keyboard alone', () => {
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

  it('writes and sends: Enter sends, Shift and Enter make a line', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'keys' })
    const { keyboard } = ada.page
    assert.equal(await focused(ada.page), 'Message keys')
    await keyboard.type('first line')
    await keyboard.press('Shift+Enter')
    await keyboard.type('second line')
    await keyboard.press('Enter')
    await ada.sees(['first line\nsecond line'])
    assert.equal(await focused(ada.page), 'Message keys')
    await keyboard.press('Enter')
    await keyboard.type('   ')
    await keyboard.press('Enter')
    await keyboard.type('x')
    await keyboard.press('Enter')
    await ada.sees(['first line\nsecond line', '   x'])
    await ada.leave()
  })

  it('reaches every control, in the order in which they stand, and each shows that it has the focus', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'lobby' })
    await ada.say('something to scroll')
    await ada.sees(['something to scroll'])
    await ada.page.evaluate(() => (document.activeElement as HTMLElement).blur())
    const order: string[] = []
    for (let step = 0; step < 22; step++) {
      await ada.page.keyboard.press('Tab')
      order.push(await focused(ada.page))
      assert.ok(await showsFocus(ada.page), `${order[step]} shows no focus`)
    }
    assert.deepEqual(order, [
      // It goes on from the field in which one writes, and comes round.
      'auto',
      '0',
      'the page',
      'Use the dark theme',
      'Overview',
      'Chat',
      'Game',
      'Ticker',
      'Editor',
      'Scores',
      'Auction',
      'Transport lab',
      'Inspector',
      'Admin',
      'Change your name',
      'lobby',
      'design',
      'deploys',
      'Open or make a room',
      'Go',
      'Messages in lobby',
      'Message lobby',
    ])
    await ada.leave()
  })

  it('goes to a room, changes the transport and the name, and gives the focus back', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    const { page } = ada
    await page.getByRole('link', { name: 'design' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'design' }).waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Message design')

    await page.getByRole('radio', { name: /^Auto/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.locator('.in-use[data-transport=sse][data-status=connected]').waitFor()

    await page.getByRole('button', { name: 'Change your name' }).focus()
    await page.keyboard.press('Enter')
    assert.equal(await focused(page), 'Your name')
    await page.keyboard.press('Escape')
    assert.equal(await focused(page), 'Change your name')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Wen')
    await page.keyboard.press('Enter')
    await ada.seesPeople(['Wen'])
    assert.equal(await focused(page), 'Change your name')
    await ada.leave()
  })

  it('opens and closes the sheets of a narrow page', async () => {
    const context = { viewport: { width: 390, height: 844 } }
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', context })
    const { page } = ada
    const rooms = page.getByRole('button', { name: 'Rooms and people' })
    await rooms.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Rooms' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.match(await focused(page), /Rooms and people/)
    await ada.leave()
  })

  it('tells who listens what others say, one by one or as a number, and nothing of simulated traffic', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'spoken' })
    const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room: 'spoken' })
    const spoken = ada.page.locator('.announcer')
    await wen.say('hello')
    await spoken.getByText('Wen: hello').waitFor({ state: 'attached' })
    await wen.page.getByRole('radio', { name: '20/s' }).check()
    await ada.page.locator('.ribbon span').nth(40).waitFor({ state: 'attached' })
    await wen.page.getByRole('radio', { name: 'Off' }).check()
    assert.equal(await spoken.innerText(), 'Wen: hello')
    await wen.say('one')
    await wen.say('two')
    await spoken.getByText('2 new messages').waitFor({ state: 'attached' })
    await ada.leave()
    await wen.leave()
  })
})

/** The name of what has the focus, or its value. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return 'the page'
    if (element instanceof HTMLInputElement && element.type === 'radio') return element.value
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
    return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '')
      .replaceAll('#', '')
      .trim()
  })

/** Whether it, or what stands for it, has an outline or another border than without the focus. */
const showsFocus = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return true
    const shown = element.closest('.choice, .segments label, .composer-field') ?? element
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown)
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
  })
