/** A node with a long history, in a process of its own that says what its memory is when it is asked. */
import { createServer } from 'holdfast/server'
import { fill, withStore } from './store.ts'

const entries = Number(process.argv[2])
const tell = (message: string | number): void => void process.send?.(message)

await withStore(async (broker) => {
  await fill(broker, { held: 0, entries, channels: 1 })
  const server = createServer({ broker })
  const { url } = await server.listen()
  process.on('message', () => tell(process.memoryUsage.rss()))
  tell(url)
  await new Promise<void>((resolve) => process.once('disconnect', () => resolve()))
  await server.close()
})
process.exit(0)
