/** The proof of 10,000 publications from a page in a real Chromium: its WebSocket, its fetch, its event loop. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { NetworkProxy } from 'holdfast/network'
import { createServer } from 'holdfast/server'
import { launch } from '../browser/browser.ts'
import { Milestones } from './milestones.ts'
import {
  CHANNEL,
  CUTS,
  describeOutcome,
  MOST_UNDER_WAY,
  type Outcome,
  PROOF_LIMITS,
  PROOF_RULES,
  PUBLICATIONS,
  SEGMENT,
  SWITCHES,
  switchesBefore,
  TRANSPORTS,
  transportAt,
} from './ten-thousand.ts'

const bundlePage = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'chromium-page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['browser', 'holdfast-source'],
  })
  return outputFiles[0]?.text ?? ''
}

test(
  'in Chromium: 10,000 publications, 50 switches, 20 cuts: 0 lost, 0 duplicated, in order',
  { timeout: 240_000 },
  async (t) => {
    const script = await bundlePage()
    const fallback = (request: IncomingMessage, response: ServerResponse): void => {
      const page = request.url === '/'
      response.writeHead(200, { 'content-type': page ? 'text/html' : 'text/javascript' })
      response.end(page ? '<!doctype html><title>proof</title><script src="/proof.js"></script>' : script)
    }
    const server = createServer({ limits: PROOF_LIMITS, rules: PROOF_RULES, fallback })
    const { port } = await server.listen()
    const proxy = new NetworkProxy({ target: { port } })
    const browser = await launch('whole')
    t.after(async () => {
      await browser.close()
      await proxy.close()
      await server.close()
    })
    const page = await browser.newPage()
    page.on('pageerror', (error) => console.error('page:', error))
    const milestones = new Milestones()
    await page.exposeFunction('report', (count: number) => milestones.reach(count))
    const proxied = (await proxy.listen()).url
    // The page itself comes through the proxy, so that it is of the same origin; it is never cut.
    await page.goto(proxied)
    await page.evaluate(([to, channel, by]) => globalThis.follow(to, channel, by as never), [
      proxied,
      CHANNEL,
      transportAt(0),
    ] as const)

    const switched = new Milestones()
    const publish = async (): Promise<void> => {
      for (let published = 0; published < PUBLICATIONS;) {
        await Promise.all(Array.from({ length: 10 }, () => server.publish(CHANNEL, published++)))
        await new Promise((resolve) => setImmediate(resolve))
        await milestones.at(published - MOST_UNDER_WAY)
        await switched.at(switchesBefore(published))
      }
    }
    let switches = 0
    const change = async (): Promise<void> => {
      for (let step = 1; step <= SWITCHES; step++) {
        await milestones.at(step * SEGMENT)
        // A cut can hit the handshake of the new transport: the client says so and keeps the old one. Once more, then;
        // there are fewer cuts than would make this go on for ever.
        const use = (cutsLeft: number): Promise<void> =>
          page
            .evaluate((transport) => globalThis.use(transport as never), transportAt(step))
            .catch((error: unknown) => (cutsLeft > 0 ? use(cutsLeft - 1) : Promise.reject(error)))
        await use(CUTS)
        switched.reach(++switches)
      }
    }
    const cut = async (): Promise<void> => {
      for (let step = 0; step < CUTS; step++) {
        await milestones.at((step * PUBLICATIONS) / CUTS + 50)
        await proxy.cutInMidAnswer(40 + 7 * step)
      }
    }
    await Promise.all([publish(), change(), cut(), milestones.at(PUBLICATIONS)])

    const seen = (await page.evaluate(() => globalThis.outcome())) as Outcome
    const outcome = { ...seen, switches, cuts: proxy.traffic.cuts }
    console.log(`  ${describeOutcome(outcome)}`)
    const { delivered, inOrder, lost, duplicated, gaps } = outcome
    assert.deepEqual(
      { delivered, inOrder, lost, duplicated, gaps },
      { delivered: PUBLICATIONS, inOrder: true, lost: 0, duplicated: 0, gaps: 0 },
    )
    assert.deepEqual({ switches: outcome.switches, cuts: outcome.cuts }, { switches: SWITCHES, cuts: CUTS })
    for (const transport of TRANSPORTS) {
      assert.ok((outcome.byTransport[transport] ?? 0) >= 1_000, `${transport} delivered at least 1,000`)
    }
  },
)
