/** What the node does not accept is shown with its reason, and jams nothing. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('a publication that is refused', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode('./forbidding.config.ts')
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  it('says that this room is not to be written in, and can be discarded', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'notices' })
    await ada.say('may I?')
    const failed = ada.page.locator('.unsent[data-state=failed]')
    await failed.getByText('You may not write in this room.').waitFor()
    await failed.getByRole('button', { name: 'Try again' }).click()
    await failed.getByText('You may not write in this room.').waitFor()
    assert.deepEqual(await ada.said(), [])
    await failed.getByRole('button', { name: 'Discard' }).click()
    await ada.page.getByText('Nothing has been said in #notices yet.').waitFor()
    await ada.leave()
  })

  it('says that it is too long, does not hold up the next, and can be shortened', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    await ada.say('a'.repeat(70_000))
    await ada.say('short')
    const failed = ada.page.locator('.unsent[data-state=failed]')
    await failed.getByText('It is too long for this room.').waitFor()
    await ada.page.locator('.message:not(.unsent)', { hasText: 'short' }).waitFor()
    await failed.getByRole('button', { name: 'Edit' }).click()
    const field = ada.page.getByRole('textbox', { name: /^Message/ })
    assert.equal((await field.inputValue()).length, 70_000)
    await field.fill('shorter')
    await field.press('Enter')
    await ada.sees(['short', 'shorter'])
    await ada.leave()
  })

  it('does not let a room be read that may not be read, and says so', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    await ada.page.goto(`${node.url}/console/#/chat/secrets`)
    await ada.page.getByText('You may not read this room.').waitFor()
    assert.ok(await ada.page.getByRole('textbox', { name: /^Message/ }).isDisabled())
    await ada.leave()
  })
})
