/** What was said before, and what can no longer be had. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Client, connect } from 'holdfast'
import type { Browser } from 'playwright-core'
import { launch, Visitor } from './browser.ts'
import { Lift } from './lift.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('the history of a room', () => {
  let node: NodeWithPage
  let browser: Browser
  let client: Client

  before(async () => {
    node = await startNode()
    browser = await launch()
    client = connect(node.url)
  })
  after(async () => {
    client?.close()
    await browser?.close()
    await node?.stop()
  })

  const publish = (room: string, from: number, to: number): Promise<unknown> => {
    const channel = client.channel(`chat/${room}`)
    const texts = Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`)
    return Promise.all(texts.map((text) => channel.publish({ text, author: { id: 'wen', name: 'Wen' } })))
  }
  const texts = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`)

  it('is loaded in pages, and what is read stays where it is', async () => {
    await publish('long', 1, 230)
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'long' })
    const { page } = ada
    await ada.sees(texts(131, 230))
    const more = page.getByRole('button', { name: 'Load earlier messages' })
    await more.scrollIntoViewIfNeeded()
    const first = page.locator('.message-text').first()
    const before = await first.evaluate((element) => element.getBoundingClientRect().top)
    await more.click()
    await ada.sees(texts(31, 230))
    const after = await page
      .getByText('message 131', { exact: true })
      .evaluate((element) => element.getBoundingClientRect().top)
    assert.ok(Math.abs(after - before) < 60, `moved by ${after - before} px`)
    await page.getByRole('button', { name: 'To the latest' }).waitFor()
    await more.click()
    await page.getByText('This is the beginning of #long.').waitFor()
    await ada.sees(texts(1, 230))

    await publish('long', 231, 232)
    await page.getByRole('button', { name: '2 new messages' }).click()
    await page.getByText('message 232', { exact: true }).waitFor()
    await page.waitForFunction(() => {
      const list = document.querySelector('.messages')
      return list !== null && list.scrollHeight - list.scrollTop - list.clientHeight < 2
    })
    await ada.leave()
  })

  it('says how many messages are no longer kept, where they would have stood', async (t) => {
    const lift = new Lift(node.port, t)
    await lift.up()
    await publish('gaps', 1, 3)
    const ada = await Visitor.enter({ browser, url: lift.url, name: 'Ada', room: 'gaps', failures: true })
    await ada.sees(texts(1, 3))
    await lift.down()
    await ada.page.getByText('No connection to the node.').waitFor()
    await publish('gaps', 4, 20)
    const channel = client.channel('chat/gaps')
    const { publications } = await channel.history({ from: { last: 6 }, limit: 1 })
    await channel.trim(publications[0]?.cursor ?? '')
    await lift.up()
    await ada.page.getByText('12 messages are no longer kept').waitFor()
    await ada.sees([...texts(1, 3), ...texts(16, 20)])
    // The counts are shown a moment after the messages.
    while ((await ada.count('gaps')) === 0);
    assert.equal(await ada.count('gaps'), 1)
    assert.equal(await ada.count('lost'), 0)
    await ada.leave()

    const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room: 'gaps' })
    await wen.sees(texts(16, 20))
    await wen.page.getByRole('button', { name: 'Load earlier messages' }).click()
    await wen.page.getByText('Older messages are no longer kept.').waitFor()
    await wen.leave()
  })
})
