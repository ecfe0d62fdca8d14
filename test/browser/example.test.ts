/**
 * Each example alone, as `npm run example` shows it to who wants to copy it: two people meet in it, and it ends when it
 * is told to.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch } from './browser.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** What two people do in it. */
const MEETINGS: Readonly<Record<string, (one: Page, two: Page) => Promise<void>>> = {
  async chat(one, two) {
    const field = one.getByRole('textbox', { name: 'Message lobby' })
    await field.fill('hello')
    await two.locator('.typing', { hasText: /^Visitor \d+ is writing …$/ }).waitFor()
    await field.press('Enter')
    await two.locator('.message-text', { hasText: 'hello' }).waitFor()
    await two.getByRole('link', { name: 'design' }).click()
    await two.getByText('Nothing has been said in #design yet.').waitFor()
    assert.match(two.url(), /#design$/)
    await one.getByText('1 person here').waitFor()
  },
  async game(one, two) {
    for (const page of [one, two]) await page.locator('.game-scores li[data-own]').waitFor()
    const own = one.locator('.game-scores li[data-own]')
    const before = await own.evaluate(({ childNodes, dataset: { x } }) => ({
      name: childNodes[1]?.textContent,
      x: Number(x),
    }))
    const key = before.x > 800 ? 'ArrowLeft' : 'ArrowRight'
    await one.keyboard.down(key)
    await two.waitForFunction(({ name, x }) => {
      const others = [...document.querySelectorAll<HTMLElement>('.game-scores li:not([data-own])')]
      const ship = others.find(({ childNodes }) => childNodes[1]?.textContent === name)
      return Math.abs(Number(ship?.dataset['x']) - x) > 150
    }, before)
    await one.keyboard.up(key)
  },
  async ticker(one, two) {
    // What is chosen stands from the first frame on, and is not for one of them what it was before.
    const choice = one.getByRole('radio', { name: '5,000' })
    const stands = await choice.evaluate(async (input: HTMLInputElement) => {
      input.click()
      const frames: boolean[] = []
      while (frames.length < 40) {
        await new Promise((resolve) => requestAnimationFrame(resolve))
        frames.push(input.checked)
      }
      return frames
    })
    assert.ok(stands.every(Boolean), stands.join())
    await two.locator('.ticker-rate :checked[value="5000"]').waitFor()
    for (const page of [one, two]) {
      await page.waitForFunction(() => {
        const prices = [...document.querySelectorAll('[data-symbol] [data-part=price]')]
        return prices.length > 300 && prices.every(({ textContent }) => textContent !== '')
      })
      const trades = page.locator('[data-symbol=SPX] [data-part=trades]')
      const before = await trades.textContent()
      await page.waitForFunction(
        (before) => document.querySelector('[data-symbol=SPX] [data-part=trades]')?.textContent !== before,
        before,
      )
    }
  },
  async editor(one, two) {
    const text = (page: Page) => page.getByRole('textbox', { name: 'welcome' })
    for (const page of [one, two]) await page.locator('[data-saving=saved]').waitFor()
    await text(one).pressSequentially('hello ')
    await text(two).getByText('hello').waitFor()
    await text(two).press('Control+End')
    await two.keyboard.insertText('and welcome')
    await text(one).getByText('and welcome').waitFor()
    await text(two)
      .locator('.cm-ySelectionInfo', { hasText: /^Visitor \d+$/ })
      .waitFor()
    await one.getByText(/^You and Visitor \d+$/).waitFor()
  },
  async scores(one, two) {
    for (const page of [one, two]) await page.locator('.scores-timeline li').first().waitFor()
    await two.locator('.scores-match button').nth(2).click()
    await two.locator('.scores-match').nth(2).locator('button[aria-pressed=true]').waitFor()
    // A minute is played in seconds: both are told of the same one.
    const minutes = (page: Page): Promise<string> => page.locator('.scores').innerText()
    const before = await Promise.all([minutes(one), minutes(two)])
    for (const [page, seen] of [
      [one, before[0]],
      [two, before[1]],
    ] as const)
      await page.waitForFunction(
        (seen) => (document.querySelector('.scores') as HTMLElement).innerText !== seen,
        seen,
      )
  },
  async auction(one, two) {
    await one.locator('.auction-bid:enabled').click()
    await one.locator('.auction-standing[data-standing=leading]').waitFor()
    await two.locator('.auction-bid:enabled', { hasText: '$85.00' }).click()
    await one.getByText(/^You have been outbid by Visitor \d+, with \$85\.00\.$/).waitFor()
  },
}

describe('an example alone', () => {
  let browser: Browser
  before(async () => (browser = await launch()))
  after(() => browser.close())

  const start = async (t: TestContext, name: string): Promise<readonly [ChildProcess, string]> => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'example.mjs'), name], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    t.after(() => child.kill('SIGTERM'))
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
    return [child, url]
  }

  for (const [name, meet] of Object.entries(MEETINGS)) {
    test(`${name}: two people meet, and it ends when it is told to`, { timeout: 120_000 }, async (t) => {
      const [child, url] = await start(t, name)
      const faults: string[] = []
      const open = async (): Promise<Page> => {
        const page = await browser.newPage()
        t.after(() => page.close())
        // Everything is translated when it is first asked for.
        page.setDefaultTimeout(60_000)
        page.on('pageerror', (error) => faults.push(error.message))
        await page.goto(url)
        return page
      }
      await meet(await open(), await open())
      assert.deepEqual(faults, [])
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [0, null])
    })
  }
})
