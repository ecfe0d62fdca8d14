/** How the node's thread reaches the store: a worker thread, from source or from the build. */
import { Worker } from 'node:worker_threads'
import type { FromStore, StoreData, ToStore } from './store-host.ts'

/** What the node's end needs of a thread. */
export interface StorePort {
  post(message: ToStore): void
  /** Whether the thread keeps the process alive. */
  hold(held: boolean): void
  /** Ends it where it stands. */
  terminate(): Promise<void>
}

export interface StoreEvents {
  message(message: FromStore): void
  /** The thread has ended: by itself, or of `error`. */
  ended(error: unknown): void
}

export type SpawnStore = (data: StoreData, events: StoreEvents) => StorePort

export const spawnStore: SpawnStore = (data, events) => {
  // The file beside this one: a .ts source under type stripping, a .js file once built.
  const url = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(url, {
    name: 'holdfast-store',
    workerData: data,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let why: unknown
  worker.on('message', (message: FromStore) => events.message(message))
  worker.on('error', (error) => (why = error))
  worker.on('exit', () => events.ended(why))
  return {
    post: (message) => worker.postMessage(message, [message.batch.buffer]),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    terminate: async () => {
      await worker.terminate()
    },
  }
}
