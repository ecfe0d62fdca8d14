/**
 * The node's end of the store's thread. One batch is under way at a time; what is asked for meanwhile goes with the
 * next, so that one sync serves all of it. When the thread dies, what was under way is answered as in doubt, and a
 * new one opens the file again. No promise is left hanging.
 */
import { BrokerUnavailableError, type Move } from '../../channel/index.ts'
import { readAnswer, type Told } from './answers.ts'
import { StoreFault, textOf } from './faults.ts'
import { type Asked, writeOperation } from './operations.ts'
import { ByteReader, ByteWriter } from './packing.ts'
import type { Moment } from './store.ts'
import type { FromStore, StoreData, ToStore } from './store-host.ts'
import type { SpawnStore, StorePort } from './store-port.ts'

interface Waiting {
  readonly asked: Asked
  readonly settle: (told: Told) => void
  readonly fail: (error: unknown) => void
}

export interface StoreThreadOptions {
  readonly data: StoreData
  readonly spawn: SpawnStore
  readonly moment: () => Moment
  readonly channelsElsewhere: () => number
  /** Told of every answer before whoever asked: watchers hear of a move before its publisher does. */
  readonly told: (asked: Asked, told: Told, move: Move | undefined) => void
  /** The thread is there again after it was lost: what was known of the logs may be behind. */
  readonly reopened: () => void
}

/** A batch goes off when it has this many bytes, or operations; what is more waits for the next. */
const BATCH_BYTES = 1024 * 1024
const BATCH_OPERATIONS = 4_096
/** What may wait while the disk does not keep up. Beyond it nothing more is taken. */
const WAITING_BYTES = 64 * 1024 * 1024
/** Answers are taken apart in turns of about this many bytes, so that other work comes between. */
const SLICE_BYTES = 256 * 1024
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

type State = 'opening' | 'open' | 'lost' | 'unusable' | 'disposed'

export class StoreThread {
  readonly #options: StoreThreadOptions
  #state: State = 'opening'
  #port: StorePort | undefined
  #ended: PromiseWithResolvers<void> = Promise.withResolvers()
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #underWay: Waiting[] = []
  #planned = false
  #channels = 0
  #why: StoreFault | undefined
  #retryMs = FIRST_RETRY_MS
  #retry: NodeJS.Timeout | undefined
  #disposed: Promise<void> | undefined

  constructor(options: StoreThreadOptions) {
    this.#options = options
    this.#start()
  }

  /** Channels in the store, as of the latest answers. */
  get channels(): number {
    return this.#channels
  }

  /** @throws BrokerUnavailableError, also for what may or may not have been carried out */
  ask<Kind extends Told['kind']>(asked: Asked, kind: Kind): Promise<Extract<Told, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(asked)
      if (refusal !== undefined) return reject(refusal)
      this.#waitingBytes += bytesOf(asked)
      this.#waiting.push({
        asked,
        settle: (told) => {
          if (told.kind === kind) resolve(told as Extract<Told, { kind: Kind }>)
          else reject(told.kind === 'fault' ? unavailable(told.fault) : new Error(`${told.kind} for ${kind}`))
        },
        fail: reject,
      })
      this.#plan()
    })
  }

  /** Fulfilled when the file is open; rejected when it cannot be. */
  async opened(): Promise<void> {
    await this.ask({ kind: 'knows', channel: '' }, 'found')
  }

  /** Carries out what was asked for, closes the file and ends the thread. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    clearTimeout(this.#retry)
    const port = this.#port
    if (port === undefined || this.#state === 'unusable' || this.#state === 'lost') {
      this.#end('disposed', DISPOSED)
      await port?.terminate()
      return
    }
    const { promise: ended } = this.#ended
    const closed = this.ask({ kind: 'dispose' }, 'found')
    this.#state = 'disposed'
    this.#why = DISPOSED
    // A thread that dies instead has closed the file too.
    await closed.catch(() => undefined)
    await ended
  }

  #start(): void {
    const ended = Promise.withResolvers<void>()
    this.#ended = ended
    const port = this.#options.spawn(this.#options.data, {
      message: (message) => this.#receive(message),
      ended: (error) => {
        ended.resolve()
        if (this.#port === port) this.#lost(error)
      },
    })
    this.#port = port
  }

  #receive(message: FromStore): void {
    switch (message.kind) {
      case 'open': {
        const again = this.#state === 'lost'
        this.#channels = message.channels
        if (this.#state !== 'disposed') this.#state = 'open'
        this.#retryMs = FIRST_RETRY_MS
        if (again) this.#options.reopened()
        return this.#plan()
      }
      case 'answers':
        this.#channels = message.channels
        return this.#distribute(new ByteReader(message.answers))
      case 'unusable':
        return this.#end('unusable', new StoreFault(message.fault, message.message))
    }
  }

  /** Hands out answers in their order; a large batch in several turns. */
  #distribute(reader: ByteReader): void {
    const until = reader.position + SLICE_BYTES
    let count = 0
    for (const waiting of this.#underWay) {
      if (reader.position >= until) break
      count++
      const { told, move } = readAnswer(reader)
      this.#options.told(waiting.asked, told, move)
      waiting.settle(told)
    }
    this.#underWay = this.#underWay.slice(count)
    if (this.#underWay.length > 0) setImmediate(() => this.#distribute(reader))
    else this.#plan()
  }

  /** Sends at the end of the turn: what is asked for in one turn travels together. */
  #plan(): void {
    const port = this.#port
    if (this.#underWay.length > 0 || this.#waiting.length === 0) {
      // An idle store keeps no process alive; one that is closing does, until it has.
      if (this.#underWay.length === 0 && this.#state !== 'disposed') port?.hold(false)
      return
    }
    port?.hold(true)
    if (this.#planned) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      this.#send()
    })
  }

  #send(): void {
    const ready = this.#state === 'open' || this.#state === 'disposed'
    if (!ready || this.#underWay.length > 0 || this.#waiting.length === 0) return
    const writer = new ByteWriter()
    const moment = this.#options.moment
    let count = 0
    for (const { asked } of this.#waiting) {
      if (count >= BATCH_OPERATIONS || writer.length >= BATCH_BYTES) break
      count++
      this.#waitingBytes -= bytesOf(asked)
      writeOperation(writer, asked, moment())
    }
    this.#underWay = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    const batch = writer.finish()
    const message: ToStore = { batch, channelsElsewhere: this.#options.channelsElsewhere() }
    this.#port?.post(message)
  }

  #lost(error: unknown): void {
    this.#port = undefined
    if (this.#state === 'unusable' || this.#state === 'disposed') {
      this.#end(this.#state, this.#why ?? DISPOSED)
      return
    }
    const again = this.#state === 'open' || this.#state === 'lost'
    const what = error === undefined ? 'it was ended' : textOf(error)
    const why = `the store's thread is gone (${what}): what was under way is in doubt`
    this.#end(again ? 'lost' : 'unusable', new StoreFault('failed', why, { cause: error }))
    if (!again) return
    this.#retry = setTimeout(() => this.#start(), this.#retryMs)
    // Trying again keeps no process alive.
    this.#retry.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }

  /** Answers everyone who waits: nothing more is coming. */
  #end(state: State, why: StoreFault): void {
    this.#state = state
    this.#why = why
    const waiting = [...this.#underWay, ...this.#waiting]
    this.#underWay = []
    this.#waiting = []
    this.#waitingBytes = 0
    for (const { fail } of waiting) fail(unavailable(why))
  }

  #refusal(asked: Asked): Error | undefined {
    if (this.#state === 'lost' || this.#state === 'unusable' || this.#state === 'disposed')
      return unavailable(this.#why ?? new StoreFault('failed', 'the store is not there'))
    if (this.#waitingBytes + bytesOf(asked) > WAITING_BYTES)
      return unavailable(new StoreFault('failed', 'the disk does not keep up: too much is waiting for it'))
    return undefined
  }
}

const DISPOSED = new StoreFault('unusable', 'the broker has been disposed of')

const unavailable = (fault: StoreFault): BrokerUnavailableError =>
  new BrokerUnavailableError(fault.message, { cause: fault })

const OPERATION_BYTES = 256

/** About what an operation holds in memory while it waits. */
const bytesOf = (asked: Asked): number => {
  if (asked.kind !== 'append') return OPERATION_BYTES
  return asked.request.entries.reduce((sum, { data }) => sum + data.length, OPERATION_BYTES)
}
