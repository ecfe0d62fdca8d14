/** The page over https:// with HTTP/2: every transport on the one connection that the page itself came over. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { servePage } from '../../src/cli/console-page.ts'
import { certificate } from '../server/certificate.ts'
import { eventually } from '../server/node-under-test.ts'
import { launch, Visitor } from './browser.ts'

const { limits } = (await import('./open.config.ts')).default

describe('a page over HTTP/2', { timeout: 90_000 }, () => {
  let server: HoldfastServer
  let url: string
  let browser: Browser

  before(async () => {
    server = createServer({ fallback: servePage(), ...(limits && { limits }) })
    url = (await server.listen({ tls: certificate() })).url
    browser = await launch('whole')
  })
  after(async () => {
    await browser.close()
    await server.close()
  })

  it('works over each transport, all of them on streams of one connection', async () => {
    const context = { ignoreHTTPSErrors: true }
    const ada = await Visitor.enter({ browser, url, name: 'Ada', context })
    const said: string[] = []
    const say = async (text: string): Promise<void> => {
      said.push(text)
      await ada.say(text)
      await ada.sees(said)
    }
    await ada.use('websocket')
    await say('by websocket')
    await eventually(
      () => server.stats().streams === 1,
      'the WebSocket is a stream, and nothing else is open',
    )
    assert.equal(server.stats().connections, 1)
    for (const transport of ['long-polling', 'polling', 'sse', 'websocket'] as const) {
      await ada.use(transport)
      await say(`by ${transport}`)
      assert.equal(server.stats().connections, 1, transport)
    }
    // An entry is made when its answer is over: by now each of the HTTP transports has had one. A poll that was given
    // up before it was answered has no protocol.
    const protocols = await ada.page.evaluate(() =>
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ responseStatus }) => responseStatus > 0)
        .map(({ name, nextHopProtocol }) => [new URL(name).pathname, nextHopProtocol] as const),
    )
    assert.ok(protocols.filter(([path]) => path === '/session').length >= 6, JSON.stringify(protocols))
    assert.deepEqual(
      protocols.filter(([, protocol]) => protocol !== 'h2'),
      [],
    )
    assert.deepEqual([await ada.count('lost'), await ada.count('duplicated')], [0, 0])
    await ada.leave()
    await eventually(() => server.stats().carriers === 0, 'nothing is left of the page')
  })
})
