/** The inspector shows the real thing: what it says of a connection is what was on the wire. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { connect } from 'holdfast'
import { DESKTOP, launch, PHONE, type Transport, TRANSPORTS } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TITLES: Readonly<Record<Transport, string>> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-polling': 'Long polling',
  polling: 'Polling',
}

describe('the inspector', () => {
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

  /** A page of the inspector that began with this transport, and what it logged that a page should not. */
  const enter = async (
    transport: Transport,
    context: BrowserContextOptions = DESKTOP,
    expected?: RegExp,
  ): Promise<{ page: Page; leave: () => Promise<void> }> => {
    const visit = await browser.newContext({ ...context, reducedMotion: 'reduce' })
    visit.setDefaultTimeout(20_000)
    const page = await visit.newPage()
    const faults: string[] = []
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (expected?.test(message.text()) !== true) faults.push(message.text())
    })
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`${node.url}/console/#/inspector/${transport}`)
    await page.getByRole('button', { name: 'Send' }).and(page.locator(':enabled')).waitFor()
    const leave = async (): Promise<void> => {
      await visit.close()
      assert.deepEqual(faults, [])
    }
    return { page, leave }
  }

  const detail = (page: Page): Promise<string> => page.locator('.item-detail').innerText()

  const write = (page: Page, text: string): Promise<void> =>
    page.getByRole('textbox', { name: 'Text to send' }).fill(text)

  it("takes a WebSocket's handshake apart: the accept key is the one that RFC 6455 derives", async () => {
    const { page, leave } = await enter('websocket')
    await page.locator('.derivation-holds').waitFor()
    const value = (name: string): Promise<string> =>
      page.locator(`[data-name=${name}] .head-value`).innerText()
    const key = await value('sec-websocket-key')
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    assert.equal(await value('sec-websocket-accept'), accept)
    assert.equal(await page.locator('[data-derived]').innerText(), accept)
    assert.equal(await value('origin'), node.url)
    const purpose = await page.locator('[data-name=sec-websocket-key] .head-purpose').innerText()
    assert.match(purpose, /RFC 6455 §4\.1/)
    await leave()
  })

  it('shows frames bit by bit: what is sent, what is pushed, a ping with its pong, a close', async () => {
    const { page, leave } = await enter('websocket')
    await write(page, 'sent from here')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('.item[data-direction=up]', { hasText: '"publish"' }).click()
    const sent = await detail(page)
    assert.match(sent, /Text frame, page → node/)
    assert.match(sent, /"text": "sent from here"/)
    assert.match(sent, /MASK\s+1\s+yes/)
    await write(page, 'pushed from there')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page
      .locator('.item[data-direction=down]')
      .filter({ hasText: '"type":"publication"' })
      .nth(1)
      .click()
    const pushed = await detail(page)
    assert.match(pushed, /"text": "pushed from there"/)
    assert.match(pushed, /MASK\s+0\s+no/)
    // The node pings after five seconds of silence.
    await page.locator('.item[data-opcode=ping][data-direction=down]').waitFor()
    await page.locator('.item[data-opcode=pong][data-direction=up]').waitFor()
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('control')
    assert.equal(await page.locator('.item[data-opcode=text]').count(), 0)
    await page.getByRole('combobox', { name: 'Close code' }).selectOption('4999')
    await page.getByRole('button', { name: 'Close with' }).click()
    await page.locator('.item[data-opcode=close][data-direction=up]', { hasText: '4999' }).click()
    assert.match(await detail(page), /Code 4999: private, “as asked”/)
    await leave()
  })

  it('shows a long poll: the request, how long it is held, and the answer that ends the hold', async () => {
    const { page, leave } = await enter('long-polling')
    const held = page.locator('.item[data-purpose=hold]', { hasText: 'held for' })
    await held.last().click()
    await page.getByText('The node holds the request').waitFor()
    await page.locator('.wire-lane-exchange[data-chosen] [data-mark=wait]').waitFor({ state: 'attached' })
    assert.equal(await page.locator('.wire-lane-exchange[data-chosen] [data-mark=down]').count(), 0)
    await write(page, 'what it waited for')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.locator('.wire-lane-exchange[data-chosen] [data-mark=down]').waitFor({ state: 'attached' })
    const answered = await detail(page)
    assert.match(answered, /held for \d/)
    assert.match(answered, /HTTP\/1\.1 200/)
    assert.match(answered, /"text": "what it waited for"/)
    assert.match(answered, /Answer head\s+\d+/)
    // And it is asked again at once.
    await page.locator('.item[data-purpose=hold]').nth(1).waitFor()
    await leave()
  })

  for (const transport of TRANSPORTS) {
    it(`shows over ${TITLES[transport]} what was published, and every byte that the network counted`, async () => {
      const { page, leave } = await enter(transport)
      const text = `news over ${transport}`
      await write(page, text)
      await page.getByRole('button', { name: 'Publish' }).click()
      const carriers = { websocket: 'frame', sse: 'event', 'long-polling': 'exchange', polling: 'exchange' }
      const items = page.locator(`.item[data-kind=${carriers[transport]}]`)
      for (let seen = ''; !seen.includes(`"text": "${text}"`);) {
        for (const item of (await items.all()).slice(-4)) {
          await item.click()
          seen += await detail(page)
        }
      }
      // A count is taken now and then: it is of the same bytes as soon as nothing is between them.
      await page.waitForFunction(() => {
        const shown = document.querySelector<HTMLElement>('.inspector-totals')?.dataset
        const counted = document.querySelector<HTMLElement>('[data-counted-up]')?.dataset
        return (
          Number(shown?.['up']) > 0 &&
          shown?.['up'] === counted?.['countedUp'] &&
          shown?.['down'] === counted?.['countedDown']
        )
      })
      await leave()
    })
  }

  it('says what a proxy that drops Upgrade makes of a handshake', async () => {
    const { page, leave } = await enter('websocket', DESKTOP, /WebSocket connection to|ERR_CONNECTION_RESET/)
    await page.locator('.item[data-kind=frame]').nth(3).waitFor()
    await page.getByRole('checkbox', { name: /drops Upgrade/ }).check()
    await page.locator('.item', { hasText: 'cut by the network' }).waitFor()
    await page.locator('.item', { hasText: '426' }).first().click()
    assert.match(await detail(page), /There is no WebSocket: the answer is 426/)
    await leave()
  })

  it('is gone through with the keys, stands still when it is paused, and is cleared', async () => {
    const { page, leave } = await enter('websocket')
    await page.locator('.item[data-kind=frame]').nth(3).waitFor()
    await page.getByRole('listbox', { name: 'What passed' }).focus()
    await page.keyboard.press('End')
    assert.equal(await page.locator('.item').last().getAttribute('aria-selected'), 'true')
    await page.keyboard.press('Home')
    assert.equal(await page.locator('.item').first().getAttribute('aria-selected'), 'true')
    await page.keyboard.press('ArrowDown')
    assert.match(await detail(page), /Opening handshake/)
    await page.getByRole('button', { name: 'Pause' }).click()
    const before = await page.locator('.item').count()
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText(/\d more since the pause/).waitFor()
    assert.equal(await page.locator('.item').count(), before)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('.item').nth(before).waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('Nothing has passed yet.').waitFor()
    await leave()
  })

  it('keeps a bounded list while a flood passes, and stays usable', async () => {
    const { page, leave } = await enter('websocket')
    await write(page, 'x'.repeat(20_000))
    // As fast as a person with a script would: the node takes what its limits allow.
    await page.evaluate(() => {
      const button = [...document.querySelectorAll('button')].find((each) => /Publish/.test(each.textContent))
      for (let index = 0; index < 90; index++) button?.click()
    })
    await page.waitForFunction(() => document.querySelectorAll('.item[data-opcode=text]').length >= 90)
    assert.ok((await page.locator('.item').count()) <= 500)
    await page.locator('.item[data-direction=down]').last().click()
    assert.match(await detail(page), /and \d+,\d+ bytes more/)
    await leave()
  })

  for (const [size, context, colorScheme] of [
    ['1440 px', DESKTOP, 'light'],
    ['390 px', PHONE, 'dark'],
  ] as const) {
    it(`has no fault that axe finds, and fits, at ${size}, ${colorScheme}`, async () => {
      const { page, leave } = await enter('websocket', { ...context, colorScheme })
      await page.locator('.derivation-holds').waitFor()
      await judge(page, 'at the handshake')
      await page.locator('.item[data-direction=up]').first().click()
      await page.getByText('Unmasking the first bytes').waitFor()
      await judge(page, 'at a frame')
      await leave()
    })
  }

  it('refuses more than a few at once, says so, and lets a node go when its page goes', async (t) => {
    // One that no page has used: what belongs to a page that has just gone may be free at any moment.
    const fresh = await startNode()
    t.after(() => fresh.stop())
    const others = connect(fresh.url)
    t.after(() => others.close())
    const context = await browser.newContext()
    t.after(() => context.close())
    const open = (): Promise<unknown> => others.call('inspector/open', { origin: fresh.url })
    const opened: unknown[] = []
    while (opened.length < 8) opened.push(await open())
    await assert.rejects(open, /8 connections are being inspected/)
    const page = await context.newPage()
    await page.goto(`${fresh.url}/console/#/inspector`)
    await page.getByText('8 connections are being inspected').waitFor()
    await others.call('inspector/close', opened[0])
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('listbox').waitFor()
    await page.goto(`${fresh.url}/console/#/chat`)
    // Its node is closed by the page that goes: there is room for one more.
    while ((await open().catch(() => undefined)) === undefined);
  })

  it('has room again when pages have vanished without a word', async (t) => {
    const fresh = await startNode()
    t.after(() => fresh.stop())
    const vanish = async (): Promise<void> => {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${fresh.url}/console/#/inspector`)
      await page.locator('.item').first().waitFor()
      await context.close()
    }
    // One more than there is room for.
    for (let page = 0; page < 9; page++) await vanish()
  })
})

interface AxeResult {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary?: string }[] }[]
}

const judge = async (page: Page, when: string): Promise<void> => {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(root: string): Promise<AxeResult> } }
    return axe.run('.inspector')
  })
  const faults = violations.flatMap(({ id, nodes }) =>
    nodes.map((each) => `${id}: ${each.html} ${each.failureSummary ?? ''}`),
  )
  assert.deepEqual(faults, [], when)
  const wide = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const inside = document.querySelector('.inspector')!
    return scrollWidth > clientWidth || inside.scrollWidth > inside.clientWidth
  })
  assert.equal(wide, false, `${when}: it does not fit`)
  const small = await page.evaluate(() => {
    if (!matchMedia('(pointer: coarse)').matches) return []
    return [...document.querySelectorAll('.inspector :is(button, select, input, .item)')].flatMap((each) => {
      const { width, height } = (
        each.closest('.inspector-check, .segments label') ?? each
      ).getBoundingClientRect()
      return width > 0 && (width < 43.9 || height < 43.9)
        ? [`${each.className || each.tagName}: ${width} by ${height}`]
        : []
    })
  })
  assert.deepEqual(small, [], when)
}
