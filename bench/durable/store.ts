/** A broker on a directory of its own, filled to a size, and publishers that wait for each acknowledgement. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Broker, type ChannelOptions, SqliteBroker } from 'holdfast/server'

export const KEEP_ALL: ChannelOptions = {
  contentType: 'json',
  retention: { count: Infinity, ageMs: Infinity, bytes: Infinity },
  ephemeral: false,
  conflated: false,
  maxKeys: 1,
}

export const DATA: string = JSON.stringify('x'.repeat(126))

export const withStore = async <T>(
  act: (broker: SqliteBroker, directory: string) => Promise<T>,
): Promise<T> => {
  const directory = mkdtempSync(join(process.env['HOLDFAST_BENCH_DIR'] ?? tmpdir(), 'holdfast-bench-'))
  const broker = new SqliteBroker({ directory })
  try {
    await broker.opened()
    return await act(broker, directory)
  } finally {
    await broker.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Appends in large steps until `channels` channels hold `entries` entries together. */
export const fill = async (
  broker: Broker,
  to: { readonly held: number; readonly entries: number; readonly channels: number },
): Promise<void> => {
  const { held, entries, channels } = to
  const step = Math.max(1, Math.min(1_000, Math.floor((entries - held) / channels)))
  const batch = Array.from({ length: step }, () => ({ data: DATA }))
  const underWay = new Set<Promise<unknown>>()
  for (let count = held, channel = 0; count < entries; count += step, channel++) {
    const some = count + step > entries ? batch.slice(0, entries - count) : batch
    const appended = broker.append({
      channel: `bench/${channel % channels}`,
      entries: some,
      create: KEEP_ALL,
    })
    const done = appended.finally(() => underWay.delete(done))
    underWay.add(done)
    if (underWay.size >= 8) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

export interface Acknowledged {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** How long the node's own loop was held up at most, 99 of 100 times. */
  readonly loopP99Ms: number
  readonly count: number
  /** CPU time of the whole process per publication, microseconds: what is steady where others use the machine too. */
  readonly cpuMicros: number
}

/** So many publishers, each with one publication under way, for some seconds; each with its producer's ledger. */
export const publishFor = async (
  broker: Broker,
  load: {
    readonly publishers: number
    readonly channels: number
    readonly seconds: number
    readonly ledger?: boolean
  },
): Promise<Acknowledged> => {
  const { publishers, channels, seconds, ledger = true } = load
  const latencies: number[] = []
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const run = process.hrtime.bigint()
  const end = performance.now() + seconds * 1_000
  loop.enable()
  const before = process.cpuUsage()
  const entries = [{ data: DATA }]
  const publish = async (publisher: number): Promise<void> => {
    const next = new Map<string, number>()
    for (let turn = publisher; performance.now() < end; turn += publishers) {
      const channel = `bench/${turn % channels}`
      const seq = next.get(channel) ?? 0
      next.set(channel, seq + 1)
      const begun = performance.now()
      const producer = ledger ? { id: `${run} ${publisher}`, epoch: 0, seq } : undefined
      const result = await broker.append({ channel, entries, producer, create: KEEP_ALL })
      if (result.kind !== 'appended') throw new Error(JSON.stringify(result))
      latencies.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: publishers }, (_, publisher) => publish(publisher)))
  loop.disable()
  const { user, system } = process.cpuUsage(before)
  latencies.sort((a, b) => a - b)
  const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    loopP99Ms: loop.percentile(99) / 1e6,
    count: latencies.length,
    cpuMicros: (user + system) / latencies.length,
  }
}
