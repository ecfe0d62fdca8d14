/** The network goes and comes back. What was written meanwhile arrives once; what was missed is read. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, TRANSPORTS, Visitor } from './browser.ts'
import { Lift } from './lift.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

describe('a page whose network goes', () => {
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

  for (const transport of TRANSPORTS) {
    it(`keeps what is written, and sends it once it is back, over ${transport}`, async (t) => {
      const room = `lift-${transport}`
      const lift = new Lift(node.port, t)
      await lift.up()
      const ada = await Visitor.enter({ browser, url: lift.url, name: 'Ada', room, failures: true })
      const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room })
      await ada.use(transport)
      await ada.say('before')
      await Promise.all([ada.sees(['before']), wen.sees(['before'])])

      await lift.down()
      await ada.page.getByText('No connection to the node.').waitFor()
      await ada.say('one')
      await ada.say('two')
      await ada.page.locator('.unsent', { hasText: 'Waiting for the connection' }).nth(1).waitFor()
      await wen.say('meanwhile')
      await wen.sees(['before', 'meanwhile'])

      await lift.up()
      const all = ['before', 'meanwhile', 'one', 'two']
      await Promise.all([ada.sees(all), wen.sees(all)])
      assert.deepEqual(
        [await ada.count('lost'), await ada.count('duplicated'), await ada.count('gaps')],
        [0, 0, 0],
      )
      await ada.page.getByText('No connection to the node.').waitFor({ state: 'detached' })
      await ada.leave()
      await wen.leave()
    })
  }

  it('does so too when the browser knows that it is offline', async () => {
    const room = 'offline'
    const ada = await Visitor.enter({ browser, url: node.url, name: 'Ada', room, failures: true })
    const wen = await Visitor.enter({ browser, url: node.url, name: 'Wen', room })
    await ada.use('polling')
    await ada.page.context().setOffline(true)
    await ada.page.getByText('You are offline.').waitFor()
    await ada.say('one')
    await ada.say('two')
    await wen.say('meanwhile')
    await wen.sees(['meanwhile'])
    await ada.page.context().setOffline(false)
    const all = ['meanwhile', 'one', 'two']
    await Promise.all([ada.sees(all), wen.sees(all)])
    await ada.leave()
    await wen.leave()
  })

  it('offers what was not sent again after a reload', async (t) => {
    const lift = new Lift(node.port, t)
    await lift.up()
    const ada = await Visitor.enter({ browser, url: lift.url, name: 'Ada', room: 'reload', failures: true })
    await lift.down()
    await ada.page.getByText('No connection to the node.').waitFor()
    await ada.say('written in the lift')
    await ada.page.getByText('Waiting for the connection').waitFor()
    // The page comes again, and its client does not get through before that.
    await ada.page.route('**/session', (route) => route.abort())
    await ada.page.routeWebSocket('**/ws', (socket) => void socket.close())
    await lift.up()
    await ada.page.reload()
    await ada.page.getByText('The page was closed before it was sent.').waitFor()
    await ada.page.unrouteAll()
    await ada.page.reload()
    await ada.page.getByRole('button', { name: 'Try again' }).click()
    await ada.sees(['written in the lift'])
    await ada.page.reload()
    await ada.sees(['written in the lift'])
    await ada.leave()
  })
})
