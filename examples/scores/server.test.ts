/** The node's half: what is in the logs follows from the clock alone, whoever looked and however often it is said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, type Publication } from 'holdfast'
import { createServer, MemoryBroker } from 'holdfast/server'
import { fixturesOf, kickOffMs, ROUND_MS } from './league.ts'
import { playMatch } from './match.ts'
import { type MatchEvent, timelineOf } from './match-event.ts'
import { rules, start } from './server.ts'

const ROUND = 140_000

const stadium = async (clock: { ms: number }, broker: MemoryBroker) => {
  const server = createServer({ rules, broker })
  const end = start(server, { now: () => clock.ms })
  const { url } = await server.listen()
  const client = connect(url)
  return {
    server,
    tell: () => client.call('scores.now'),
    read: async (channel: string): Promise<Publication<MatchEvent>[]> => {
      const { publications } = await client
        .channel<MatchEvent>(channel)
        .history({ from: 'start', limit: 300 })
      return [...publications]
    },
    close: async () => {
      client.close()
      end()
      await server.close()
    },
  }
}

test('a match log is the match up to now, complete and once, whenever it was asked and after a restart', async () => {
  const broker = new MemoryBroker()
  const clock = { ms: kickOffMs(ROUND) + 60_000 }
  const fixture = fixturesOf(ROUND)[2]!
  const wanted = () => playMatch(fixture).filter(({ atMs }) => atMs <= clock.ms)
  const check = async (node: Awaited<ReturnType<typeof stadium>>): Promise<void> => {
    await Promise.all([node.tell(), node.tell()])
    const log = await node.read(timelineOf(fixture))
    assert.deepEqual(
      log.map(({ data: { kind, minute } }) => `${kind} ${minute}`),
      wanted().map(({ kind, minute }) => `${kind} ${minute}`),
    )
  }
  const first = await stadium(clock, broker)
  await check(first)
  clock.ms += 90_000
  await check(first)
  // A second node on the same logs says the same, and nothing is there twice.
  const second = await stadium(clock, broker)
  await check(second)
  clock.ms += 200_000
  await Promise.all([check(first), check(second)])
  await Promise.all([first.close(), second.close()])
  await broker.dispose()
})

test('who comes back after rounds that nobody saw finds them in the news, at the times when they happened', async () => {
  const broker = new MemoryBroker()
  const clock = { ms: kickOffMs(ROUND) + 60_000 }
  const node = await stadium(clock, broker)
  await node.tell()
  const before = (await node.read('scores/news')).length
  clock.ms += 3 * ROUND_MS
  await node.tell()
  const missed = (await node.read('scores/news')).slice(before)
  assert.equal(missed.filter(({ data }) => data.kind === 'full-time').length, 12)
  assert.deepEqual(
    [...new Set(missed.map(({ data }) => data.round))],
    [ROUND, ROUND + 1, ROUND + 2, ROUND + 3],
  )
  assert.ok(missed.every(({ data }) => data.atMs > clock.ms - 3 * ROUND_MS && data.atMs <= clock.ms))
  assert.ok(missed.every(({ data }, index) => data.atMs >= (missed[index - 1]?.data.atMs ?? 0)))
  await node.close()
  await broker.dispose()
})
