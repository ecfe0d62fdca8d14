/**
 * A node with a long history in a file, in a process of its own that says what its memory is when it is asked. Asked to
 * leak, it keeps every page that is read: whoever measures can see that it would be noticed. Run with an IPC channel,
 * --expose-gc and the probe in every thread.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { BroadcastChannel } from 'node:worker_threads'
import { createServer, SqliteBroker } from 'holdfast/server'
import { PLAIN } from '../on-disk.ts'
import { CHANNEL, type Measured } from './long-read.ts'
import { type Held, PROBES } from './probe.ts'

/** The node's own and the store's. */
const THREADS = 2
const STEP = 1_000
/** 128 bytes of JSON each. */
const BATCH = Array.from({ length: STEP }, () => ({ data: JSON.stringify('x'.repeat(126)) }))

const tell = (message: Measured | string): void => void process.send?.(message)

const measure = (): Promise<Measured> =>
  new Promise((resolve) => {
    const asking = new BroadcastChannel(PROBES)
    const answers: Held[] = []
    asking.onmessage = ({ data }: { data: unknown }): void => {
      if (answers.push(data as Held) < THREADS) return
      asking.close()
      const sum = (of: (each: Held) => number): number => answers.reduce((bytes, each) => bytes + of(each), 0)
      const rss = process.memoryUsage.rss()
      resolve({ held: sum(({ held }) => held), reserved: sum(({ reserved }) => reserved), rss })
    }
    // It is a channel between threads, not a window.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    asking.postMessage('measure')
  })

const [entries = 0, leaks = ''] = process.argv.slice(2)
const directory = mkdtempSync(join(process.env['HOLDFAST_BENCH_DIR'] ?? tmpdir(), 'holdfast-history-'))
const broker = new SqliteBroker({ directory })
await broker.opened()
for (let count = 0; count < Number(entries); count += STEP)
  await broker.append({ channel: CHANNEL, entries: BATCH, create: PLAIN })

const leaked: unknown[] = []
if (leaks === 'leaks') {
  const read = broker.read.bind(broker)
  broker.read = async (requests) => {
    const pages = await read(requests)
    leaked.push(pages)
    return pages
  }
}
const server = createServer({ broker })
const { url } = await server.listen()
process.on('message', () => void measure().then(tell))
tell(url)

process.once('disconnect', () => void end())

const end = async (): Promise<void> => {
  await server.close()
  await broker.dispose()
  rmSync(directory, { recursive: true, force: true })
  process.exit()
}
