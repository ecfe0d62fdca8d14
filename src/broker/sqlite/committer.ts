/**
 * Group commit: all operations that arrived together are carried out in one transaction, and their answers are
 * worth something only when its commit has been synced. Where that fails, or one of them meets damage, nothing of
 * the transaction stands. After a failure that leaves the file in doubt nothing is written any more; reading goes on.
 */
import type { Move } from '../../channel/index.ts'
import type { Answer } from './answers.ts'
import type { Database } from './database.ts'
import { isSqliteError, readFault, StoreFault, writeFault } from './faults.ts'
import type { Operation } from './operations.ts'
import type { Body } from './record.ts'
import type { Store } from './store.ts'

/** WAL pages, by estimate, after which they are moved into the file. */
const CHECKPOINT_PAGES = 2_000
const PAGE_BYTES = 4_096
/** Pages that a commit dirties beside those that hold what was appended: a leaf and its parents. */
const PAGES_PER_OPERATION = 3
/** What a tail in memory begins with. */
const TAIL_LIMIT = { count: 100, bytes: 64 * 1_024 }

export interface Answered {
  readonly answer: Answer
  /** How the log moved by the operation. */
  readonly move: Move | undefined
}

export class Committer {
  readonly #database: Database
  readonly #store: Store
  #walPages = 0

  constructor(database: Database, store: Store) {
    this.#database = database
    this.#store = store
  }

  carryOut(operations: readonly Operation[]): Answered[] {
    try {
      const answers = operations.map((operation) => this.#stepOrFault(operation))
      this.#commit()
      return answers
    } catch (error) {
      const fault = this.#giveUp(error)
      // What the transaction had changed is gone: what it answered to readers, too.
      if (operations.length === 1 || fault.kind === 'full' || fault.kind === 'stopped')
        return operations.map((operation) => (reads(operation) ? this.#alone(operation) : faulty(fault)))
      return operations.map((operation) => this.#alone(operation))
    }
  }

  /**
   * What may wait until the answers are on their way: a checkpoint, a slice of what nobody needs.
   * @returns whether there is more of it
   */
  afterwards(): boolean {
    if (this.#database.stopped !== undefined) return false
    try {
      if (this.#walPages >= CHECKPOINT_PAGES) {
        this.#walPages = 0
        this.#database.checkpoint()
      }
      const collected = this.#store.collect('due')
      if (collected) this.#commit()
      return collected
    } catch (error) {
      const fault = this.#giveUp(error)
      // A checkpoint has no transaction, and its failed sync is as bad.
      if (fault.kind === 'stopped') this.#database.stopped ??= fault
      return false
    }
  }

  /** An operation in a transaction of its own. */
  #alone(operation: Operation): Answered {
    try {
      const answered = this.#step(operation)
      this.#commit()
      return answered
    } catch (error) {
      return faulty(this.#giveUp(error))
    }
  }

  /** A reader's trouble is its own; a writer's may have left half of its work, and is thrown. */
  #stepOrFault(operation: Operation): Answered {
    if (!reads(operation)) return this.#step(operation)
    try {
      return this.#step(operation)
    } catch (error) {
      if (error instanceof StoreFault) return faulty(error)
      const makes = operation.kind === 'read' && operation.request.create !== undefined
      if (makes || !isSqliteError(error)) throw error
      return faulty(readFault(this.#database.file, error))
    }
  }

  #step(operation: Operation): Answered {
    // Nothing of an operation before that has failed.
    this.#store.takeMove()
    const answer = this.#answer(operation)
    return { answer, move: this.#store.takeMove() }
  }

  #commit(): void {
    if (!this.#database.inTransaction) return
    this.#store.flush()
    this.#database.commit()
    this.#store.settle()
  }

  /** Takes the transaction back, and says what follows from the error. */
  #giveUp(error: unknown): StoreFault {
    if (!this.#database.inTransaction) return asFault(this.#database.file, error)
    this.#database.rollback()
    const fault = asFault(this.#database.file, error)
    if (fault.kind === 'stopped') this.#database.stopped ??= fault
    this.#store.discard()
    return fault
  }

  #answer(operation: Operation): Answer {
    const store = this.#store
    const { nowMs } = operation
    switch (operation.kind) {
      case 'append':
        this.#expect(operation.request.bodies)
        return { kind: 'append', outcome: store.append(operation.request, operation) }
      case 'read':
        return { kind: 'read', page: store.read(operation.request, operation) }
      case 'create':
        this.#expect(operation.beginning?.bodies ?? [])
        return { kind: 'create', result: store.create(operation, operation) }
      case 'close':
        return { kind: 'found', found: store.close(operation.channel, nowMs) }
      case 'delete':
        return { kind: 'found', found: store.delete(operation.channel, nowMs) }
      case 'describe':
        return { kind: 'info', info: store.describe(operation.channel, nowMs) }
      case 'list':
        return { kind: 'names', names: store.list(operation) }
      case 'knows':
        return { kind: 'found', found: store.knows(operation.channel) }
      case 'tail':
        return { kind: 'tail', tail: store.tail(operation.channel, TAIL_LIMIT, nowMs) }
      case 'trim':
        return { kind: 'trim', floor: store.trim(operation.channel, operation.before, nowMs) }
      case 'fence':
        return { kind: 'fence', fenced: store.fence(operation.channel, operation, nowMs) }
      case 'sweep':
        return { kind: 'sweep', moves: this.#sweep(nowMs) }
      case 'dispose':
        return { kind: 'found', found: true }
    }
  }

  /** Estimates what the WAL grows by. */
  #expect(bodies: readonly Body[]): void {
    const bytes = bodies.reduce((sum, body) => sum + body.bytes.length, 0)
    this.#walPages += bytes / PAGE_BYTES + PAGES_PER_OPERATION
  }

  #sweep(nowMs: number): ReturnType<Store['sweep']> {
    // The fault has been told to whoever wrote; housekeeping has nothing to add to it every second.
    if (this.#database.stopped !== undefined) return []
    const moves = this.#store.sweep(nowMs)
    this.#store.collect('all')
    return moves
  }
}

/** Whether it changes nothing, except that a reader may make the channel. */
const reads = ({ kind }: Operation): boolean =>
  kind === 'read' || kind === 'describe' || kind === 'list' || kind === 'knows' || kind === 'tail'

const faulty = ({ kind, message }: StoreFault): Answered => ({
  answer: { kind: 'fault', fault: { kind, message } },
  move: undefined,
})

const asFault = (file: string, error: unknown): StoreFault => {
  if (error instanceof StoreFault) return error
  if (isSqliteError(error)) return writeFault(file, error)
  return new StoreFault('failed', `${file}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  })
}
