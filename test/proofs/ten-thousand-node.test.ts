/**
 * 10,000 publications while a subscriber changes its transport 50 times and has its connection cut 20 times, with
 * resets in mid-frame or mid-answer: nothing lost, nothing doubled, in order. From Node; test/browser has the
 * same from Chromium.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, type Publication } from 'holdfast'
import { NetworkProxy } from 'holdfast/network'
import { createServer } from 'holdfast/server'
import { Milestones } from './milestones.ts'
import {
  CHANNEL,
  CUTS,
  describeOutcome,
  MOST_UNDER_WAY,
  PROOF_LIMITS,
  PROOF_RULES,
  PUBLICATIONS,
  SEGMENT,
  SWITCHES,
  switchesBefore,
  transportAt,
} from './ten-thousand.ts'

test(
  '10,000 publications, 50 switches, 20 cuts: 0 lost, 0 duplicated, in order',
  { timeout: 180_000 },
  async (t) => {
    const server = createServer({ limits: PROOF_LIMITS, rules: PROOF_RULES })
    const { port } = await server.listen()
    const proxy = new NetworkProxy({ target: { port } })
    const client = connect((await proxy.listen()).url, {
      transport: transportAt(0),
      backoff: { minMs: 5, maxMs: 50 },
    })
    t.after(async () => {
      client.close()
      await proxy.close()
      await server.close()
    })

    const received: number[] = []
    const byTransport: Record<string, number> = {}
    let switches = 0
    const milestones = new Milestones()
    const subscription = client
      .channel<number>(CHANNEL)
      .subscribe({ from: 'start' }, (publication: Publication<number>) => {
        received.push(publication.data)
        const { transport } = client.state
        byTransport[transport] = (byTransport[transport] ?? 0) + 1
        milestones.reach(received.length)
      })
    await subscription.ready

    const switched = new Milestones()
    const publish = async (): Promise<void> => {
      for (let published = 0; published < PUBLICATIONS;) {
        await Promise.all(Array.from({ length: 10 }, () => server.publish(CHANNEL, published++)))
        await new Promise((resolve) => setImmediate(resolve))
        // Ahead of the subscriber, so that something is always under way, but not by the whole run.
        await milestones.at(published - MOST_UNDER_WAY)
        await switched.at(switchesBefore(published))
      }
    }
    const change = async (): Promise<void> => {
      for (let step = 1; step <= SWITCHES; step++) {
        await milestones.at(step * SEGMENT)
        await client.use(transportAt(step))
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

    const { lost, duplicated, gaps } = client.state.counts
    const inOrder = received.every((value, index) => value === index)
    const outcome = {
      delivered: received.length,
      inOrder,
      lost,
      duplicated,
      gaps,
      switches,
      cuts: proxy.traffic.cuts,
      byTransport,
    }
    console.log(`  ${describeOutcome(outcome)}`)
    assert.equal(outcome.delivered, PUBLICATIONS)
    assert.ok(inOrder, 'in order')
    assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
    assert.equal(outcome.switches, SWITCHES)
    assert.equal(outcome.cuts, CUTS)
    for (const transport of ['websocket', 'sse', 'long-polling', 'polling']) {
      assert.ok((byTransport[transport] ?? 0) >= 1_000, `${transport} delivered at least 1,000`)
    }
  },
)
