/**
 * A subscriber whose socket stops reading under load for a minute costs the node a number and one high-water mark:
 * it is let go with 4008, comes back by its cursor, and has missed nothing.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { dial, type SocketHandler, type WebSocketConnection } from 'holdfast/websocket'
import { Milestones } from './milestones.ts'
import { CHANNEL, type Report } from './load.ts'

const MINUTE_MS = 60_000
const MIB = 1024 * 1024

interface PublicationEvent {
  readonly type: string
  readonly epoch: string
  readonly offset: number
  readonly data: { readonly n: number }
}

/** Follows the channel over a raw WebSocket and keeps what it is given. */
const follow = async (url: string, from: string): Promise<Follower> => {
  const follower = new Follower()
  const connection = await dial(`${url.replace('http', 'ws')}/ws`, {
    protocols: ['holdfast.v1.json'],
    handler: follower,
  })
  follower.connection = connection
  connection.send('{"type":"hello","id":0,"version":1}')
  connection.send(JSON.stringify({ type: 'subscribe', channel: CHANNEL, from }))
  return follower
}

class Follower implements SocketHandler {
  readonly received: number[] = []
  readonly milestones: Milestones = new Milestones()
  readonly closed: PromiseWithResolvers<number> = Promise.withResolvers()
  readonly gaps: unknown[] = []
  connection: WebSocketConnection | undefined
  cursor = ''

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    const event = JSON.parse(String(data)) as PublicationEvent
    if (event.type === 'gap') this.gaps.push(event)
    if (event.type !== 'publication') return
    this.received.push(event.data.n)
    this.cursor = `${event.epoch}_${String(event.offset).padStart(16, '0')}`
    this.milestones.reach(this.received.length)
  }

  close(_socket: WebSocketConnection, code: number): void {
    this.closed.resolve(code)
  }
}

const memoryOf = async (child: ChildProcess): Promise<{ bytes: number; published: number }> => {
  child.send('memory')
  const [report] = (await once(child, 'message')) as [Report]
  assert.equal(report.kind, 'memory')
  return report as Extract<Report, { kind: 'memory' }>
}

test(
  'LI: a socket that stops reading for a minute is let go, resumes, misses nothing, and costs no memory',
  { timeout: 150_000 },
  async (t) => {
    const child = fork(new URL('./loaded-node.ts', import.meta.url), {
      execArgv: ['--conditions', 'holdfast-source', '--expose-gc'],
    })
    t.after(() => child.disconnect())
    const [{ url, cursor }] = (await once(child, 'message')) as [Extract<Report, { kind: 'listening' }>]

    const bystander = await follow(url, cursor)
    const slow = await follow(url, cursor)
    await bystander.milestones.at(5_000)
    await slow.milestones.at(5_000)
    const baseline = await settled(child, bystander)

    slow.connection?.pause()
    const stoppedAt = slow.received.length
    const until = Date.now() + MINUTE_MS
    const samples: number[] = []
    while (Date.now() < until) {
      const before = bystander.received.length
      await bystander.milestones.at(before + 1_500)
      samples.push((await memoryOf(child)).bytes)
    }
    const grown = Math.max(...samples) - baseline
    console.log(
      `  ${samples.length} samples over a minute: at most ${(grown / MIB).toFixed(2)} MiB above the baseline`,
    )
    assert.ok(grown <= MIB, `${(grown / MIB).toFixed(2)} MiB`)

    // What the kernel still held is read now; then comes the news that the node has let go.
    slow.connection?.resume()
    assert.ok([4008, 1006].includes(await slow.closed.promise))
    const { published } = await memoryOf(child)
    const resumed = await follow(url, slow.cursor)
    await resumed.milestones.at(published - (slow.received.at(-1) ?? 0))
    const all = [...slow.received, ...resumed.received]
    assert.deepEqual(resumed.gaps, [])
    assert.ok(
      all.every((n, index) => index === 0 || n === (all[index - 1] as number) + 1),
      'contiguous, once each',
    )
    assert.ok(
      all.length - stoppedAt > 20_000,
      `${all.length - stoppedAt} publications after it stopped reading`,
    )
    assert.ok(bystander.received.every((n, index) => n === (bystander.received[0] as number) + index))
    for (const follower of [bystander, resumed]) follower.connection?.destroy()
  },
)

/** What the memory is once it has settled: several samples in a row that hardly differ. */
const settled = async (child: ChildProcess, bystander: Follower): Promise<number> => {
  let recent: number[] = []
  for (;;) {
    recent = [...recent.slice(-4), (await memoryOf(child)).bytes]
    const highest = Math.max(...recent)
    if (recent.length === 5 && highest - Math.min(...recent) < MIB / 4) return highest
    await bystander.milestones.at(bystander.received.length + 250)
  }
}
