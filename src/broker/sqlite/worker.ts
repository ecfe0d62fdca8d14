/** The store's thread. Whatever is thrown beyond a batch ends it, and the node's thread says so. */
import { parentPort, workerData } from 'node:worker_threads'
import { hostStore, type StoreData } from './store-host.ts'

if (parentPort === null) throw new Error('the store runs in a worker thread')
hostStore(parentPort, workerData as StoreData)
