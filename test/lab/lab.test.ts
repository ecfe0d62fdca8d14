/** The lab on a node, as a page uses it by calls: what it starts, what it refuses, and that nothing is left of it. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, connect } from 'holdfast'
import { CHANNEL, readContent, type RunReading, type RunStarted } from 'holdfast/lab'
import { Command } from '../cli/command.ts'

let node: Command
let page: Client
let origin: string

before(async () => {
  node = new Command(['serve', '--memory', '--port', '0'])
  origin = await node.line()
  page = connect(origin)
})
after(async () => {
  page.close()
  await node.stop()
})

const children = (): string[] =>
  readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, 'utf8').split(' ').filter(Boolean)

const start = (more: object = {}): Promise<RunStarted> =>
  page.call('lab/start', { origin, ...more }) as Promise<RunStarted>

const read = ({ run }: RunStarted): Promise<RunReading> =>
  page.call('lab/read', { run }) as Promise<RunReading>

test('four transports are handed the same, their bytes are counted, and one window measures at a time', async () => {
  assert.deepEqual(children(), [])
  const knobs = { perSecond: 50, publications: 40 }
  const run = await start({ knobs })
  await assert.rejects(start(), /busy: another window is measuring/)
  const numbers = await Promise.all(
    Object.entries(run.urls).map(async ([transport, url]) => {
      const client = connect(url, { transport: transport as never, pollIntervalMs: 200 })
      const seen: number[] = []
      const following = Promise.withResolvers<void>()
      const all = Promise.withResolvers<void>()
      client.channel(CHANNEL).subscribe({ from: 'start' }, ({ data }) => {
        const content = readContent(data)
        if (content === undefined) return following.resolve()
        if (seen.push(content.n) === knobs.publications) all.resolve()
      })
      await following.promise
      // A client may read, and nothing else.
      await assert.rejects(
        client.channel(CHANNEL).publish({ n: 7, at: 1, fill: '' }),
        /forbidden|not allowed/,
      )
      return { client, seen, all: all.promise }
    }),
  )
  await page.call('lab/publish', { run: run.run })
  await Promise.all(numbers.map(({ all }) => all))
  const reading = await read(run)
  for (const { seen, client } of numbers) {
    assert.deepEqual(
      seen,
      Array.from({ length: knobs.publications }, (_, at) => at + 1),
    )
    client.close()
  }
  for (const account of Object.values(reading.nodes)) {
    assert.equal(account.published, knobs.publications)
    assert.ok(account.bytesWritten > 128 * knobs.publications)
    assert.ok(account.cpuMicros > 0)
  }
  assert.ok(reading.nodes.polling.requests > reading.nodes.sse.requests)
  assert.equal(children().length, 5)
  const pids = children()
  await page.call('lab/stop', { run: run.run })
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`))
  await assert.rejects(read(run), /ended/)
})

test('who takes over ends what was running; of many that want to, only the last starts anything', async () => {
  const first = await start()
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => start({ takeOver: true })))
  assert.equal(children().length, 5)
  const won = tries.filter((each) => each.status === 'fulfilled')
  assert.ok(won.length >= 1 && won.length <= 3, `${won.length} started`)
  await assert.rejects(read(first), /ended/)
  const last = won.at(-1)?.value as RunStarted
  assert.ok((await read(last)).clockMicros > 0)
  await page.call('lab/stop', { run: last.run })
})

test('a page that says nonsense is told so, and starts nothing', async () => {
  for (const [params, said] of [
    [{}, /from this machine/],
    [{ origin: 'https://evil.example' }, /from this machine/],
    [{ origin: 'http://127.0.0.1.evil.example' }, /from this machine/],
    [{ origin, knobs: { perSecond: 1e9 } }, /perSecond is a whole number from 1 to 100/],
    [{ origin, knobs: { payloadBytes: '128' } }, /payloadBytes is a whole number/],
    [{ origin, knobs: { buffering: 'yes' } }, /true or false/],
    [{ origin, knobs: { ['__proto__x']: 1 } }, /no knob/],
    [{ origin, knobs: { constructor: 1 } }, /no knob/],
  ] as const)
    await assert.rejects(page.call('lab/start', params), said)
  await assert.rejects(page.call('lab/read', { run: 'mine' }), /ended/)
  await assert.rejects(page.call('lab/change', null), /ended/)
  assert.deepEqual(children(), [])
})

test('a page that is gone leaves nothing behind', async () => {
  await start()
  assert.equal(children().length, 5)
  const deadline = performance.now() + 25_000
  while (children().length > 0) {
    assert.ok(performance.now() < deadline, 'its processes are still there')
    await wait(200)
  }
})

test('a node that stops takes its measurement along', async () => {
  const another = new Command(['serve', '--memory', '--port', '0'])
  const url = await another.line()
  const client = connect(url)
  await client.call('lab/start', { origin: url })
  const pids = readFileSync(`/proc/${another.pid}/task/${another.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
  assert.equal(pids.length, 5)
  client.close()
  assert.equal(await another.stop(), 0)
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`))
})
