/**
 * What a thread holds in memory once what is no longer needed has been collected. Loaded into every thread of a
 * process, by NODE_OPTIONS and with --expose-gc, it answers whoever asks on its channel. It knows nothing of what the
 * thread does.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { BroadcastChannel, threadId } from 'node:worker_threads'

export const PROBES = 'memory of each thread'

/** Bytes of one thread after a forced collection. */
export interface Held {
  readonly thread: number
  /** What its heap holds, and what buffers hold beside it. */
  readonly held: number
  /** What its heap has taken from the system. */
  readonly reserved: number
}

/**
 * A collection frees the memory behind buffers only after it, on other threads, and counts it until the next: pages
 * that were read since the last one would be taken for memory in use.
 */
const measure = async (): Promise<Held> => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await turn()
  }
  const { heapUsed, heapTotal, external } = process.memoryUsage()
  return { thread: threadId, held: heapUsed + external, reserved: heapTotal }
}

const probe = new BroadcastChannel(PROBES)
probe.onmessage = ({ data }: { data: unknown }): void => {
  // It is a channel between threads, not a window.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  if (data === 'measure') void measure().then((held) => probe.postMessage(held))
}
probe.unref()
