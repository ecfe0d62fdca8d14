/** The page as axe-core judges it, at the sizes and in the themes that people use, and whether it fits there. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launch, PHONE, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const SIZES: readonly (readonly [string, BrowserContextOptions])[] = [
  ['1440 px', { viewport: { width: 1440, height: 900 } }],
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
    await wen.page.getByRole('radio', { name: '20/s' }).check()
    await wen.page.locator('.ribbon span').nth(70).waitFor()
    await wen.leave()
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  for (const [size, context] of SIZES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`has no fault that axe finds, and fits, at ${size}, ${colorScheme}`, async () => {
        const ada = await Visitor.enter({
          browser,
          url: node.url,
          name: 'Ada',
          context: { ...context, colorScheme },
        })
        const { page } = ada
        await page.locator('.run').waitFor()
        await ada.say('a'.repeat(66_000))
        await page.locator('.unsent[data-state=failed]').waitFor()
        await judge(page, 'with messages')

        for (const sheet of ['Pages', 'Rooms and people', /0 lost, 0 duplicated/]) {
          const button = page.getByRole('button', { name: sheet })
          if ((await button.count()) === 0) continue
          await button.click()
          await page.getByRole('dialog').waitFor()
          await judge(page, `with the sheet ${sheet}`)
          await page.getByRole('button', { name: 'Close' }).click()
        }
        await page.goto(`${node.url}/console/#/chat/a-room-with-rather-a-long-name-as-people-make-them`)
        await page.getByText('Nothing has been said').waitFor()
        await judge(page, 'in an empty room')
        await ada.leave()
      })
    }
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

const judge = async (page: Page, when: string): Promise<void> => {
  assert.deepEqual(await faults(page), [], when)
  assert.deepEqual(await overflows(page), [], when)
  assert.deepEqual(await smallTargets(page), [], when)
}

interface AxeResult {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary?: string }[] }[]
}

const faults = async (page: Page): Promise<string[]> => {
  // The page's policy forbids scripts from elsewhere; what the debugger evaluates is not the page's.
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } }
    return axe.run()
  })
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((each) => `${id}: ${each.html} ${each.failureSummary ?? ''}`),
  )
}

/** What a finger would miss: less than 44 px high or wide. Links within what was said are as high as its lines. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    if (!matchMedia('(pointer: coarse)').matches) return []
    // Where the whole line can be pressed, or leads to the field, the line is the target.
    const lines = '.own-name, .composer-field, .choice, .segments label'
    const targets = document.querySelectorAll<HTMLElement>('button, a, input, textarea')
    return [...targets].flatMap((element) => {
      if (element.closest('.message-text') !== null) return []
      const target = element.closest('.send') ?? element.closest(lines) ?? element
      const { width, height } = target.getBoundingClientRect()
      if (width === 0 || (width >= 44 && height >= 44)) return []
      return [`${target.className || target.tagName} is ${width} by ${height} px`]
    })
  })

/** What is wider than the page, or stands out of it, unless it is hidden or cut off on purpose. */
const overflows = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide in ${clientWidth} px`] : []
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (element.closest('.visually-hidden, svg') !== null) continue
      const { left, right, width, height } = element.getBoundingClientRect()
      if (width === 0 || height === 0) continue
      if (left < -0.5 || right > clientWidth + 0.5)
        wide.push(`${element.className || element.tagName}: ${left} to ${right}`)
      const { overflowX, textOverflow, clipPath } = getComputedStyle(element)
      const cut = textOverflow === 'ellipsis' || overflowX === 'visible' || clipPath !== 'none'
      if (!cut && element.scrollWidth > element.clientWidth + 1)
        wide.push(
          `${element.className || element.tagName} holds ${element.scrollWidth} px in ${element.clientWidth}`,
        )
    }
    return wide
  })
