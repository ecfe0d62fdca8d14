/** An example alone, as `npm run example` shows it to who wants to copy it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { launch } from './browser.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test(
  'the chat runs alone: two pages meet, and it ends when it is told to',
  { timeout: 120_000 },
  async (context) => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'example.mjs'), 'chat'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    context.after(() => child.kill('SIGTERM'))
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
    const browser = await launch()
    context.after(() => browser.close())
    const faults: string[] = []
    const open = async () => {
      const page = await browser.newPage()
      // Everything is translated when it is first asked for.
      page.setDefaultTimeout(60_000)
      page.on('pageerror', (error) => faults.push(error.message))
      await page.goto(url)
      return page
    }
    const [one, two] = [await open(), await open()]
    const field = one.getByRole('textbox', { name: 'Message lobby' })
    await field.fill('hello')
    await two.locator('.typing', { hasText: /^Visitor \d+ is writing …$/ }).waitFor()
    await field.press('Enter')
    await two.locator('.message-text', { hasText: 'hello' }).waitFor()
    await two.getByRole('link', { name: 'design' }).click()
    await two.getByText('Nothing has been said in #design yet.').waitFor()
    assert.match(two.url(), /#design$/)
    await one.getByText('1 person here').waitFor()
    assert.deepEqual(faults, [])
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  },
)
