/**
 * A process that publishes to a store as fast as it is acknowledged, by several publishers at once, and says on its
 * standard output what was acknowledged and what failed, a line each. It ends when it is killed, or told to on its
 * standard input. Arguments: directory, publishers, bytes per publication.
 */
import { writeSync } from 'node:fs'
import { SqliteBroker } from 'holdfast/server'

const [directory = '', publishers = '1', bytes = '20'] = process.argv.slice(2)
const PLAIN = {
  contentType: 'json',
  retention: { count: Infinity, ageMs: Infinity, bytes: Infinity },
  ephemeral: false,
  conflated: false,
  maxKeys: 1,
} as const

// Written at once, so that nothing that was said is lost with the process.
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`)

const broker = new SqliteBroker({ directory })
await broker.opened()
say({ kind: 'open' })

let stopped = false
process.stdin.once('data', () => (stopped = true))

const publishFor = async (publisher: number): Promise<void> => {
  const id = `${process.pid} ${publisher}`
  for (let seq = 0; !stopped; seq++) {
    const channel = `channel ${publisher % 3}`
    const data = JSON.stringify(`${id} ${seq} ${'x'.repeat(Number(bytes))}`)
    try {
      const producer = { id, epoch: 0, seq }
      const result = await broker.append({ channel, entries: [{ data }], producer, create: PLAIN })
      say({
        kind: result.kind,
        id,
        seq,
        channel,
        ...(result.kind === 'appended' ? { offset: result.last } : {}),
      })
    } catch (error) {
      say({ kind: 'failed', id, seq, channel, message: String(error) })
      return
    }
  }
}

await Promise.all(Array.from({ length: Number(publishers) }, (_, publisher) => publishFor(publisher)))
// Reading goes on whatever became of writing.
for (const channel of ['channel 0', 'channel 1', 'channel 2']) {
  const [page] = await broker.read([{ channel, from: 'start', limit: { count: 10, bytes: 1e6 } }])
  say({
    kind: 'read',
    channel,
    top: page?.kind === 'page' ? page.top : -1,
    entries: page?.kind === 'page' ? page.entries.length : 0,
  })
}
const afterwards = await broker
  .append({ channel: 'channel 0', entries: [{ data: '"afterwards"' }], create: PLAIN })
  .then(({ kind }) => kind, String)
say({ kind: 'afterwards', afterwards })
await broker.dispose()
say({ kind: 'closed' })
process.exit(0)
