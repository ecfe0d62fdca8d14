/** Who someone is, and what they come back to. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('a person', () => {
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

  it('is given a name, may change it, and keeps it over a reload, with the history of the room', async () => {
    const visitor = await Visitor.enter({ browser, url: node.url, room: 'names' })
    const { page } = visitor
    const given = await page.locator('.own-name-name').innerText()
    assert.match(given, /^\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+$/u)
    await visitor.seesPeople([given])
    await visitor.say('under the name I was given')

    await page.getByRole('button', { name: 'Change your name' }).click()
    await page.getByLabel('Your name').fill('  Ada   Meijer ')
    await page.getByRole('button', { name: 'Save' }).click()
    await visitor.seesPeople(['Ada Meijer'])
    await visitor.say('under my own')

    await page.reload()
    await visitor.sees(['under the name I was given', 'under my own'])
    assert.deepEqual(await page.locator('.author').allInnerTexts(), [given, 'Ada Meijer'])
    assert.equal(await page.locator('.own-name-name').innerText(), 'Ada Meijer')
    await visitor.seesPeople(['Ada Meijer'])
    await visitor.leave()
  })

  it('is one person in two windows', async () => {
    const visitor = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'windows' })
    const second = await visitor.page.context().newPage()
    await second.goto(`${node.url}/console/#/chat/windows`)
    await second.locator('.room-header', { hasText: '1 person here' }).waitFor()
    await visitor.seesPeople(['Ada'])
    await visitor.leave()
  })

  it('makes a room by its name, and finds it in the list afterwards', async () => {
    const visitor = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    const { page } = visitor
    const field = page.getByLabel('Open or make a room')
    await field.fill(' … ')
    await field.press('Enter')
    await page.getByText('Give it a name of letters or digits.').waitFor()
    await field.fill('Über uns!')
    await field.press('Enter')
    await page.getByRole('heading', { name: 'über-uns' }).waitFor()
    await page.getByText('Nothing has been said in #über-uns yet.').waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'über-uns' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'lobby' }).waitFor()
    await visitor.leave()
  })
})
