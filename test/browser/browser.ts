/** Chromium, and pages of people in it. A page that logs an error or asks another host for something fails its test. */
import assert from 'node:assert/strict'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

export const TRANSPORTS = ['websocket', 'sse', 'long-polling', 'polling'] as const
export type Transport = (typeof TRANSPORTS)[number]

const TITLES: Readonly<Record<Transport | 'auto', RegExp>> = {
  auto: /^Auto/,
  websocket: /^WebSocket/,
  sse: /^SSE/,
  'long-polling': /^Long polling/,
  polling: /^Polling/,
}

/** A wide desktop, where everything is in sight. */
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
}

/**
 * The engine without windows around it, in which pages come and go in a third of the time; or, where what is around it
 * matters, Chromium as people have it.
 */
export const launch = (which: 'engine' | 'whole' = 'engine'): Promise<Browser> =>
  chromium.launch({
    executablePath: which === 'whole' ? '/usr/bin/chromium' : '/usr/bin/chromium-headless-shell',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Visit {
  readonly browser: Browser
  readonly url: string
  readonly name?: string
  readonly room?: string
  readonly context?: BrowserContextOptions
  /** The network is to fail: what the browser logs about that is no fault of the page's. */
  readonly failures?: boolean
  /** The page goes to the tools. */
  readonly tools?: boolean
}

/** Someone's page, with a profile of its own, in a room. */
export class Visitor {
  readonly page: Page
  readonly #faults: string[] = []

  private constructor(page: Page, { url, failures = false, tools = false }: Visit) {
    this.page = page
    const { host, hostname } = new URL(url)
    // Tools open nodes of their own, on other ports of the same machine.
    const isOwn = (target: URL): boolean => (tools ? target.hostname === hostname : target.host === host)
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (failures && /Failed to load resource|WebSocket connection|net::ERR_/.test(message.text())) return
      this.#faults.push(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.#faults.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!isOwn(new URL(request.url()))) this.#faults.push(`request to ${request.url()}`)
    })
    page.on('websocket', (socket) => {
      if (!isOwn(new URL(socket.url()))) this.#faults.push(`WebSocket to ${socket.url()}`)
    })
  }

  static async enter(visit: Visit): Promise<Visitor> {
    const { browser, url, name, room = 'lobby' } = visit
    const context = await browser.newContext({ ...DESKTOP, reducedMotion: 'reduce', ...visit.context })
    context.setDefaultTimeout(20_000)
    if (name !== undefined) {
      await context.addInitScript((name) => {
        const known = localStorage.getItem('holdfast.person')
        if (known === null)
          localStorage.setItem('holdfast.person', JSON.stringify({ id: `id-${name}`, name }))
      }, name)
    }
    const visitor = new Visitor(await context.newPage(), visit)
    await visitor.page.goto(`${url}/console/#/chat/${room}`)
    await visitor.connected()
    return visitor
  }

  async connected(): Promise<void> {
    await this.page.locator('[data-status=connected]').first().waitFor()
    await this.page.locator('.room-header', { hasText: /\d (person|people) here/ }).waitFor()
  }

  /** Changes the transport and waits until it is in use. */
  async use(transport: Transport): Promise<void> {
    await this.page.getByRole('radio', { name: TITLES[transport] }).check()
    await this.page.locator(`.in-use[data-transport=${transport}][data-status=connected]`).waitFor()
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: /^Message/ }).fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
  }

  /** The texts that are in the log, in the order of the page. */
  said(): Promise<string[]> {
    return this.page.locator('.message:not(.unsent) .message-text').allInnerTexts()
  }

  /** Waits until exactly these are shown, in this order, and nothing is left to be sent. */
  async sees(texts: readonly string[]): Promise<void> {
    const last = this.page.locator('.message:not(.unsent) .message-text').nth(texts.length - 1)
    await last.waitFor()
    await this.page.waitForFunction(() => document.querySelector('.unsent') === null)
    assert.deepEqual(await this.said(), texts)
  }

  async seesPeople(names: readonly string[]): Promise<void> {
    const sorted = [...names].sort((a, b) => a.localeCompare(b))
    await this.page.waitForFunction((wanted) => {
      const shown = [...document.querySelectorAll<HTMLElement>('.people .person-name')].map(
        (each) => each.innerText,
      )
      return JSON.stringify(shown) === JSON.stringify(wanted)
    }, sorted)
  }

  async count(name: 'lost' | 'duplicated' | 'gaps'): Promise<number> {
    return Number(await this.page.locator(`[data-count="${name}"] dd`).innerText())
  }

  /** Ends the visit. @throws when the page did something that a page should not do. */
  async leave(): Promise<void> {
    await this.page.context().close()
    assert.deepEqual(this.#faults, [])
  }
}
