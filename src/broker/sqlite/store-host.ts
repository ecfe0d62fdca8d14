/**
 * The store's end of the line between the threads: opens the file, carries out each batch that arrives, and closes
 * the file when it is told to. It does not know what thread it runs in.
 */
import type { MessagePort } from 'node:worker_threads'
import { writeAnswer } from './answers.ts'
import { Committer } from './committer.ts'
import { Database } from './database.ts'
import { type FaultKind, openFault } from './faults.ts'
import { type Operation, readOperation } from './operations.ts'
import { ByteReader, ByteWriter } from './packing.ts'
import { Store, type StoreOptions } from './store.ts'

export interface StoreData extends StoreOptions {
  readonly directory: string
}

/** A batch of operations, and how many channels there are beside the store's. */
export interface ToStore {
  readonly batch: Uint8Array<ArrayBuffer>
  readonly channelsElsewhere: number
}

export type FromStore =
  | { readonly kind: 'open'; readonly channels: number }
  | { readonly kind: 'answers'; readonly answers: Uint8Array<ArrayBuffer>; readonly channels: number }
  | { readonly kind: 'unusable'; readonly fault: FaultKind; readonly message: string }

export const hostStore = (port: MessagePort, data: StoreData): void => {
  const { directory, ...options } = data
  const send = (message: FromStore, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
  let database: Database | undefined
  try {
    database = new Database(directory)
    const host = new StoreHost(database, new Store(database, options), send)
    port.on('message', (message: ToStore) => {
      if (host.carryOut(message)) port.close()
    })
  } catch (error) {
    database?.close()
    const fault = openFault(database?.file ?? directory, error)
    send({ kind: 'unusable', fault: fault.kind, message: fault.message })
    port.close()
  }
}

class StoreHost {
  readonly #database: Database
  readonly #store: Store
  readonly #committer: Committer
  readonly #send: Send
  #idle: NodeJS.Immediate | undefined

  constructor(database: Database, store: Store, send: Send) {
    this.#database = database
    this.#store = store
    this.#committer = new Committer(database, store)
    this.#send = send
    send({ kind: 'open', channels: store.size })
  }

  /** @returns whether that was the end: the file is closed */
  carryOut({ batch, channelsElsewhere }: ToStore): boolean {
    const reader = new ByteReader(batch)
    const operations: Operation[] = []
    while (!reader.done) operations.push(readOperation(reader))
    this.#store.channelsElsewhere = channelsElsewhere
    const writer = new ByteWriter(batch.length)
    for (const { answer, move } of this.#committer.carryOut(operations)) writeAnswer(writer, answer, move)
    const answers = writer.finish()
    const over = operations.at(-1)?.kind === 'dispose'
    if (over) {
      clearImmediate(this.#idle)
      this.#database.close()
    }
    this.#send({ kind: 'answers', answers, channels: this.#store.size }, [answers.buffer])
    if (!over) this.#idle ??= setImmediate(() => this.#goOn())
    return over
  }

  /** What nobody waits for, between batches: a batch that has arrived goes first. */
  #goOn(): void {
    this.#idle = undefined
    if (this.#committer.afterwards()) this.#idle = setImmediate(() => this.#goOn())
  }
}

type Send = (message: FromStore, transfer?: ArrayBuffer[]) => void
