/**
 * A broker that lives elsewhere, as far as a node can tell: no log to borrow, and every answer comes later, in
 * another turn of the event loop. What it does is still the memory broker's.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type Broker, MemoryBroker } from 'holdfast/server'

const TURNS = 3

const late = async <T>(answer: Promise<T>): Promise<T> => {
  for (let each = 0; each < TURNS; each++) await turn()
  return answer
}

/** Wraps `broker`; the wrapper is what a node is given. */
export const distant = (broker: Broker = new MemoryBroker()): Broker => ({
  append: (request) => late(broker.append(request)),
  read: (requests) => late(broker.read(requests)),
  watch: async (channel, moved) => {
    const watch = await late(
      broker.watch(channel, (move) => void late(Promise.resolve()).then(() => moved(move))),
    )
    return { borrow: undefined, release: () => watch.release() }
  },
  create: (channel, options, beginning) => late(broker.create(channel, options, beginning)),
  close: (channel) => late(broker.close(channel)),
  delete: (channel) => late(broker.delete(channel)),
  list: (request) => late(broker.list(request)),
  describe: (channel) => late(broker.describe(channel)),
  trim: (channel, before) => late(broker.trim(channel, before)),
  fence: (channel, id, epoch) => late(broker.fence(channel, id, epoch)),
  lease: (request) => late(broker.lease(request)),
  release: (request) => late(broker.release(request)),
  sweep: () => late(broker.sweep()),
  dispose: () => late(broker.dispose()),
})
