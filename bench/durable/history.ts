/** Reading back: entries per second by pages, and the memory of a node while a client reads a long history from it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type Broker } from 'holdfast/server'
import { connect } from 'holdfast'

const PAGE = { count: 300, bytes: 64 * 1024 }

/** @returns entries per second */
export const readBack = async (broker: Broker, entries: number): Promise<number> => {
  const begun = performance.now()
  let count = 0
  let from: 'start' | { epoch: string; offset: number } = 'start'
  while (count < entries) {
    const [page] = await broker.read([{ channel: 'bench/0', from, limit: PAGE }])
    if (page?.kind !== 'page' || page.entries.length === 0) throw new Error('the log ended early')
    count += page.entries.length
    from = { epoch: page.epoch, offset: page.upTo }
  }
  return (count / (performance.now() - begun)) * 1_000
}

export interface MemoryReport {
  readonly entries: number
  readonly seconds: number
  /** Of the node's process, thread and all: before the client came, and at most while it read. */
  readonly rssBefore: number
  readonly rssPeak: number
  /** At most, in the first tenth of the history. */
  readonly rssPeakFirstTenth: number
}

/** A node in its own process with so many entries; a client here reads them all. */
export const watchMemory = async (entries: number): Promise<MemoryReport> => {
  const child = fork(new URL('./history-server.ts', import.meta.url), [String(entries)], {
    execArgv: ['--conditions', 'holdfast-source'],
  })
  try {
    const [url] = (await once(child, 'message')) as [string]
    const before = await rssOf(child)
    const client = connect(url, { transport: 'websocket' })
    const begun = performance.now()
    let [peak, firstTenth, count] = [before, 0, 0]
    let over = false
    const read = new Promise<void>((resolve) => {
      client.channel('bench/0').subscribe({ from: 'start' }, () => {
        if (++count === entries) resolve()
      })
    }).finally(() => (over = true))
    while (!over) {
      peak = Math.max(peak, await rssOf(child))
      if (count * 10 < entries) firstTenth = peak
    }
    await read
    const seconds = (performance.now() - begun) / 1_000
    client.close()
    return { entries, seconds, rssBefore: before, rssPeak: peak, rssPeakFirstTenth: firstTenth }
  } finally {
    child.disconnect()
    await once(child, 'exit')
  }
}

const rssOf = async (child: ChildProcess): Promise<number> => {
  child.send('memory')
  const [bytes] = (await once(child, 'message')) as [number]
  return bytes
}
