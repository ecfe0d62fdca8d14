/**
 * What a node holds in memory while a client reads a long history from it: measured in all its threads, after a forced
 * collection, before the client comes and at every tenth of the way.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'holdfast'

export const CHANNEL = 'history'
const POINTS = 10

/** Bytes of the node's process. */
export interface Measured {
  /** What the heaps of its threads hold after a collection, and the buffers beside them. */
  readonly held: number
  /** What those heaps have taken from the system; more than they hold, as the collector sees fit. */
  readonly reserved: number
  /** Its resident memory: reserved, and whatever the runtime and SQLite have taken beside it. */
  readonly rss: number
}

export interface LongRead {
  readonly entries: number
  readonly seconds: number
  readonly before: Measured
  /** At each tenth of the way. */
  readonly points: readonly Measured[]
  /** By how many bytes what is held was at most above what was held at the first tenth, where reading is under way. */
  readonly grown: number
}

/** @param options.entries a multiple of 10,000. @param options.leaks the node keeps every page that it reads. */
export const readLong = async (options: {
  readonly entries: number
  readonly leaks?: boolean
}): Promise<LongRead> => {
  const { entries, leaks = false } = options
  const probe = new URL('./probe.ts', import.meta.url).href
  const child = fork(
    new URL('./node-with-history.ts', import.meta.url),
    [String(entries), leaks ? 'leaks' : ''],
    {
      execArgv: ['--conditions', 'holdfast-source', '--expose-gc'],
      env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${probe}` },
    },
  )
  try {
    const [url] = (await once(child, 'message')) as [string]
    const before = await memoryOf(child)
    const begun = performance.now()
    const points = await readMeasuring(child, url, entries)
    const seconds = (performance.now() - begun) / 1_000
    const grown = Math.max(...points.map(({ held }) => held)) - (points[0]?.held ?? 0)
    return { entries, seconds, before, points, grown }
  } finally {
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }
}

/** The client goes on reading while the node is measured. */
const readMeasuring = async (child: ChildProcess, url: string, entries: number): Promise<Measured[]> => {
  const client = connect(url, { transport: 'websocket' })
  const points: Promise<Measured>[] = []
  await new Promise<void>((resolve) => {
    let count = 0
    let measured: Promise<unknown> = Promise.resolve()
    client.channel(CHANNEL).subscribe({ from: 'start' }, () => {
      count++
      if (count % (entries / POINTS) === 0) {
        const point = measured.then(() => memoryOf(child))
        points.push(point)
        measured = point
      }
      if (count === entries) resolve()
    })
  })
  try {
    return await Promise.all(points)
  } finally {
    client.close()
  }
}

const memoryOf = async (child: ChildProcess): Promise<Measured> => {
  child.send('measure')
  const [measured] = (await once(child, 'message')) as [Measured]
  return measured
}
