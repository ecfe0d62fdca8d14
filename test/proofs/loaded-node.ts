/**
 * A node in a process of its own that publishes at a steady pace, and says what its memory is after a forced
 * collection. Run with --expose-gc and an IPC channel.
 */
import { createServer } from 'holdfast/server'
import { CHANNEL, PER_SECOND, type Report, RETAINED } from './load.ts'

const TEXT = 'x'.repeat(2_000)
const TICK_MS = 20

const server = createServer({
  limits: { commandsPerSecond: Infinity },
  rules: [{ pattern: CHANNEL, retention: { count: RETAINED, bytes: Infinity } }],
})
let published = 0
const publish = (): Promise<string> => server.publish(CHANNEL, { n: ++published, text: TEXT })

// The log is full before anything is measured, so that its growth is not taken for a reader's.
for (let i = 0; i < RETAINED; i++) await publish()
const { url } = await server.listen()
const cursor = await publish()
setInterval(() => {
  for (let i = 0; i < (PER_SECOND * TICK_MS) / 1_000; i++) void publish()
}, TICK_MS)

const report = (message: Report): void => void process.send?.(message)
process.on('message', () => void measure())

/**
 * A collection frees the memory behind buffers only after it, on other threads, and counts it until the next: the
 * frames that were sent since the last one would be taken for memory in use.
 */
const measure = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  report({ kind: 'memory', bytes: heapUsed + external, published })
}

process.once('disconnect', () => process.exit(0))
report({ kind: 'listening', url, cursor })
