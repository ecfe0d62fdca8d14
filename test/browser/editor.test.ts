/** The editor between two pages: over each transport, through a change of it, offline and back, and after a reload. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { DESKTOP, launch, PHONE, type Transport, TRANSPORTS } from './browser.ts'
import { Lift } from './lift.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

const TITLES: Readonly<Record<Transport, RegExp>> = {
  websocket: /^WebSocket/,
  sse: /^SSE/,
  'long-polling': /^Long polling/,
  polling: /^Polling/,
}

interface Arrival {
  readonly url: string
  readonly name: string
  readonly document: string
  readonly context?: BrowserContextOptions
  /** The network is to fail. */
  readonly failures?: boolean
  readonly ready?: 'saved' | 'read-only'
}

/** Somebody's page with a document open; it fails its test when it logs an error. */
class Hand {
  readonly page: Page
  readonly #faults: string[] = []

  private constructor(page: Page, failures: boolean) {
    this.page = page
    page.on('pageerror', (error) => this.#faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      // A transport that was slow to answer was given up for another.
      if (message.text().includes('closed before the connection is established')) return
      if (failures && /Failed to load resource|WebSocket connection|net::ERR_/.test(message.text())) return
      this.#faults.push(message.text())
    })
  }

  static async arrive(browser: Browser, arrival: Arrival): Promise<Hand> {
    const { url, name, document, failures = false } = arrival
    const context = await browser.newContext({ ...DESKTOP, reducedMotion: 'reduce', ...arrival.context })
    context.setDefaultTimeout(40_000)
    await context.addInitScript(
      (name) => localStorage.setItem('holdfast.person', JSON.stringify({ id: `id-${name}`, name })),
      name,
    )
    await context.addInitScript(`globalThis.readText = ${String(readText)}`)
    const hand = new Hand(await context.newPage(), failures)
    await hand.page.goto(`${url}/console/#/editor/${document}`)
    await hand.page.locator(`[data-saving=${arrival.ready ?? 'saved'}]`).waitFor()
    return hand
  }

  async ready(): Promise<void> {
    await this.page.locator('[data-saving=saved]').waitFor()
  }

  async goTo(document: string): Promise<void> {
    await this.page.evaluate((document) => (location.hash = `#/editor/${document}`), document)
    await this.page.getByText(`${document} is empty. Write something.`).waitFor()
    await this.ready()
  }

  async use(transport: Transport): Promise<void> {
    await this.page.getByRole('radio', { name: TITLES[transport] }).check()
    await this.page.locator(`.in-use[data-transport=${transport}][data-status=connected]`).waitFor()
  }

  /** Types at the end of the text, key by key. */
  async type(text: string): Promise<void> {
    await this.page.locator('.cm-content').focus()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(text)
  }

  /** Without the names of others that stand in it. */
  text(): Promise<string> {
    return this.page.evaluate(readText)
  }

  /** Waits until everything is sent and each of these is in the text, once. */
  async has(parts: readonly string[]): Promise<string> {
    await this.page.waitForFunction((parts) => {
      const { readText } = globalThis as unknown as { readText: () => string }
      const text = document.querySelector('[data-saving=saved]') === null ? '' : readText()
      return parts.every((part) => text.includes(part))
    }, parts)
    const text = await this.text()
    for (const part of parts) assert.equal(text.split(part).length, 2, `${part} once in ${text}`)
    return text
  }

  async leave(): Promise<void> {
    await this.page.context().close()
    assert.deepEqual(this.#faults, [])
  }
}

const readText = (): string =>
  [...document.querySelectorAll('.cm-line')]
    .map((line) => {
      const copy = line.cloneNode(true) as HTMLElement
      for (const each of copy.querySelectorAll('.cm-ySelectionCaret, .cm-placeholder')) each.remove()
      return copy.textContent
    })
    .join('\n')

const words = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `/${name}${index}.`)

describe('the editor', () => {
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

  const pair = async (document: string): Promise<readonly [Hand, Hand]> => [
    await Hand.arrive(browser, { url: node.url, name: 'Ada', document }),
    await Hand.arrive(browser, { url: node.url, name: 'Wen', document }),
  ]

  describe('between two pages', () => {
    let ada: Hand
    let wen: Hand

    before(async () => {
      ;[ada, wen] = await pair('welcome')
    })
    after(async () => {
      await ada?.leave()
      await wen?.leave()
    })

    for (const transport of TRANSPORTS) {
      it(`has the same text in the end, and shows each the other, over ${transport}`, async () => {
        await Promise.all([ada, wen].map((hand) => hand.use(transport)))
        await Promise.all([ada, wen].map((hand) => hand.goTo(`two-${transport}`)))
        const all = [...words('ada', 8), ...words('wen', 8)]
        // Each word in one go, since two who type at one place type between each other's letters.
        for (let i = 0; i < 8; i++) {
          await Promise.all(
            [ada, wen].map(async ({ page }, index) => {
              await page.locator('.cm-content').focus()
              await page.keyboard.insertText(all[index * 8 + i] as string)
            }),
          )
        }
        const texts = [await ada.has(all), await wen.has(all)]
        assert.equal(texts[0], texts[1])
        await ada.page.locator('.cm-ySelectionInfo', { hasText: 'Wen' }).waitFor()
        await wen.page.locator('.cm-ySelectionInfo', { hasText: 'Ada' }).waitFor()
        await ada.page.getByText('You and Wen').waitFor()
      })
    }
  })

  it('a change of transport in the midst of typing loses and doubles nothing', async () => {
    const [ada, wen] = await pair('switch')
    const all: string[] = []
    for (const transport of ['sse', 'polling', 'long-polling', 'websocket'] as const) {
      const typed = words(transport, 5)
      all.push(...typed)
      await Promise.all([
        ada.page.getByRole('radio', { name: TITLES[transport] }).check(),
        wen.use(transport),
      ])
      await ada.type(typed.join(''))
    }
    const texts = [await ada.has(all), await wen.has(all)]
    assert.equal(texts[0], texts[1])
    assert.equal(texts[0], all.join(''))
    for (const { page } of [ada, wen]) {
      assert.equal(await page.locator('[data-count="lost"] dd').innerText(), '0')
      assert.equal(await page.locator('[data-count="duplicated"] dd').innerText(), '0')
    }
    await ada.leave()
    await wen.leave()
  })

  it('what is typed offline waits in sight, and merges with what others typed meanwhile', async (t) => {
    const lift = new Lift(node.port, t)
    await lift.up()
    const ada = await Hand.arrive(browser, { url: lift.url, name: 'Ada', document: 'lift', failures: true })
    const wen = await Hand.arrive(browser, { url: node.url, name: 'Wen', document: 'lift' })
    await ada.type('before. ')
    await wen.has(['before. '])
    await lift.down()
    await ada.page.getByText('Offline. You can go on writing').waitFor()
    await ada.type('abc. ')
    await ada.page.getByText('Offline. 5 changes waiting').waitFor()
    await wen.type('meanwhile. ')
    await lift.up()
    const all = ['before. ', 'abc. ', 'meanwhile. ']
    assert.equal(await ada.has(all), await wen.has(all))
    await ada.leave()
    await wen.leave()
  })

  it('does so too when the browser knows that it is offline', async () => {
    const ada = await Hand.arrive(browser, { url: node.url, name: 'Ada', document: 'off', failures: true })
    const wen = await Hand.arrive(browser, { url: node.url, name: 'Wen', document: 'off' })
    await ada.use('long-polling')
    await ada.page.context().setOffline(true)
    await ada.type('from afar. ')
    await ada.page.getByText(/11 changes waiting/).waitFor()
    await wen.type('from here. ')
    await ada.page.context().setOffline(false)
    assert.equal(await ada.has(['from afar. ', 'from here. ']), await wen.has(['from afar. ', 'from here. ']))
    await ada.leave()
    await wen.leave()
  })

  it('a page that is closed with something unsent sends it when it is back', async (t) => {
    const lift = new Lift(node.port, t)
    await lift.up()
    const ada = await Hand.arrive(browser, { url: lift.url, name: 'Ada', document: 'reload', failures: true })
    await ada.type('sent. ')
    await ada.has(['sent.'])
    await lift.down()
    await ada.page.getByText('Offline. You can go on writing').waitFor()
    await ada.type('kept. ')
    await ada.page.getByText('Offline. 6 changes waiting').waitFor()
    await lift.up()
    await ada.page.reload()
    await ada.has(['sent.', 'kept.'])
    const wen = await Hand.arrive(browser, { url: node.url, name: 'Wen', document: 'reload' })
    await wen.has(['sent.', 'kept.'])
    await ada.leave()
    await wen.leave()
  })

  it('the log is shortened while both type, and a page that comes later has everything', async () => {
    const [ada, wen] = await pair('log')
    const all = [...words('first', 5), ...words('then', 5)]
    await ada.type(all.slice(0, 5).join(''))
    await wen.has(all.slice(0, 5))
    const shortened = ada.page.getByRole('button', { name: 'Shorten the log' }).click()
    await Promise.all([shortened, wen.type(all.slice(5).join(''))])
    await wen.page.getByText(/A snapshot stands for the first \d/).waitFor()
    assert.equal(await ada.has(all), await wen.has(all))
    await wen.page.reload()
    await wen.has(all)
    const late = await Hand.arrive(browser, { url: node.url, name: 'Mo', document: 'log' })
    assert.equal(await late.has(all), await ada.text())
    for (const hand of [ada, wen, late]) await hand.leave()
  })

  it('undoes only what was done here, and the cursor stays where it was', async () => {
    const [ada, wen] = await pair('undo')
    await ada.type('Ada wrote this. ')
    await wen.has(['Ada wrote this.'])
    await wen.page.locator('.cm-content').focus()
    await wen.page.keyboard.press('Control+Home')
    await wen.page.keyboard.insertText('Wen was here. ')
    await ada.has(['Wen was here.'])
    // Her cursor is at the end still: what she types next follows.
    assert.ok(await ada.page.locator('.cm-content').evaluate((content) => content === document.activeElement))
    await ada.page.keyboard.insertText('And this.')
    await ada.has(['Wen was here. Ada wrote this. And this.'])
    const undo = ada.page.getByRole('button', { name: 'Undo' })
    // As many times as it takes: what was written in quick succession is one step.
    while (await undo.isEnabled()) await undo.click()
    await wen.page.waitForFunction(
      () => document.querySelector('.cm-content')?.textContent?.includes('wrote') === false,
    )
    assert.equal(await wen.text(), 'Wen was here. ')
    await wen.has(['Wen was here.'])
    await ada.leave()
    await wen.leave()
  })

  it('goes from document to document, and back to what is still unsaid', async () => {
    const ada = await Hand.arrive(browser, { url: node.url, name: 'Ada', document: 'welcome' })
    await ada.type('hello. ')
    await ada.page.getByText('Another …').click()
    await ada.page.getByRole('textbox', { name: /^Its name/ }).fill('a plan')
    await ada.page.getByRole('button', { name: 'Open' }).click()
    await ada.page.getByRole('link', { name: 'a plan' }).waitFor()
    await ada.page.getByText('a plan is empty. Write something.').waitFor()
    await ada.type('the plan. ')
    await ada.page.getByRole('link', { name: 'welcome' }).click()
    await ada.has(['hello.'])
    assert.ok(!(await ada.text()).includes('plan'))
    await ada.leave()
  })

  it('can be read, and not changed, by who may not', async (t) => {
    const strict = await startNode('./read-only.config.ts')
    t.after(() => strict.stop())
    const ada = await Hand.arrive(browser, {
      url: strict.url,
      name: 'Ada',
      document: 'notice',
      ready: 'read-only',
    })
    await ada.page.getByText('You can read this document, and not change it.').waitFor()
    await ada.page.locator('.cm-content').focus()
    await ada.page.keyboard.insertText('no')
    assert.equal(await ada.text(), '')
    await ada.leave()
  })

  it('takes what a phone types', async () => {
    const ada = await Hand.arrive(browser, { url: node.url, name: 'Ada', document: 'phone', context: PHONE })
    const wen = await Hand.arrive(browser, { url: node.url, name: 'Wen', document: 'phone' })
    await ada.page.locator('.cm-content').tap()
    await ada.page.keyboard.insertText('from the phone')
    await wen.has(['from the phone'])
    const { scrollWidth, clientWidth } = await ada.page.evaluate(() => document.documentElement)
    assert.equal(scrollWidth, clientWidth)
    await ada.leave()
    await wen.leave()
  })
})
