/** Two people meet in a room, over each of the four transports. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, TRANSPORTS, Visitor } from './browser.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('two people in a room', () => {
  let node: NodeWithPage
  let browser: Browser

  before(async () => {
    node = await startNode()
    browser = await launch('whole')
  })
  after(async () => {
    await browser?.close()
    await node?.stop()
  })

  for (const transport of TRANSPORTS) {
    it(`see each other, and each other's messages once and in order, over ${transport}`, async () => {
      const room = `meeting-${transport}`
      const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room })
      const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room })
      await Promise.all([ada.use(transport), wen.use(transport)])
      await Promise.all([ada.seesPeople(['Ada', 'Wen']), wen.seesPeople(['Ada', 'Wen'])])

      // Writing shows, and is not said.
      const field = ada.page.getByRole('textbox', { name: /^Message/ })
      await field.fill('I am about to')
      await wen.page.locator('.typing', { hasText: 'Ada is writing …' }).waitFor()
      await field.fill('')
      await wen.page.locator('.typing:empty').waitFor({ state: 'attached' })
      await field.fill('this stays unsaid')
      await wen.page.locator('.typing', { hasText: 'Ada is writing …' }).waitFor()
      // Who touches no key for a while does something else.
      await wen.page.locator('.typing:empty').waitFor({ state: 'attached' })
      assert.equal(await ada.page.locator('.typing').innerText(), '')
      assert.deepEqual(await wen.said(), [])

      const said: string[] = []
      for (let turn = 1; turn <= 3; turn++) {
        for (const [visitor, name] of [
          [ada, 'Ada'],
          [wen, 'Wen'],
        ] as const) {
          const text = `${name} ${turn}\nover ${transport}`
          said.push(text)
          await visitor.say(text)
          await Promise.all([ada.sees(said), wen.sees(said)])
        }
      }
      // At once, and without waiting for one another.
      await Promise.all([ada.say('both'), wen.say('both')])
      said.push('both', 'both')
      await Promise.all([ada.sees(said), wen.sees(said)])

      await wen.leave()
      await ada.seesPeople(['Ada'])
      await ada.leave()
    })
  }

  it('shows what another publishes who is no page', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room: 'machines' })
    const { connect } = await import('holdfast')
    const client = connect(node.url)
    const channel = client.channel('chat/machines')
    await channel.publish({ text: 'deployed 4.12' })
    await channel.publish('plain')
    await channel.publish({ load: 0.5 })
    for (const hostile of [null, [], { text: 7 }, { text: 'x', author: { id: {}, name: 7 }, id: [] }])
      await channel.publish(hostile)
    await channel.presence.enter({ id: 'forged', name: { toString: 'x' }, typing: true })
    await ada.page.locator('.message-raw', { hasText: '{"load":0.5}' }).waitFor()
    await ada.sees(['deployed 4.12', 'plain', 'x'])
    await ada.seesPeople(['Ada'])
    client.close()
    await ada.leave()
  })

  it('marks rooms in which something was said, until they are looked at', async () => {
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada' })
    const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room: 'design' })
    await wen.say('look here')
    const link = ada.page.getByRole('link', { name: 'design' })
    await link.locator('.unread', { hasText: '1' }).waitFor()
    await link.click()
    await ada.sees(['look here'])
    await ada.page.waitForFunction(() => document.querySelector('.unread') === null)
    await ada.seesPeople(['Ada', 'Wen'])
    await wen.leave()
    await ada.leave()
  })
})
