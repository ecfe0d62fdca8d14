/**
 * What clients publish, told to the node's own process together with who they are: a log keeps what was said, not who
 * said it. It decides nothing: what it tells of has been authorised, and is in its log.
 */
import { type AppendResult, matchesPattern } from '../channel/index.ts'
import type { Publish } from '../protocol/index.ts'
import type { Identity } from '../transport/index.ts'
import { type OwnPublication, ownPublication } from './own-subscriptions.ts'

/** Called for each publication of a client, with its author as the node knows them. */
export type ReceiveHandler = (publication: OwnPublication, author: Identity) => unknown

interface Receiver {
  readonly pattern: string
  readonly handler: ReceiveHandler
}

export class Receivers {
  readonly #receivers = new Set<Receiver>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** @returns what takes it off again. */
  add(pattern: string, handler: ReceiveHandler): () => void {
    const receiver = { pattern, handler }
    this.#receivers.add(receiver)
    return () => void this.#receivers.delete(receiver)
  }

  /** A command has been appended, or was before: a resend whose first copy was told of is not told of again. */
  tell(command: Publish, result: AppendResult, author: Identity): void {
    if (this.#receivers.size === 0 || result.kind !== 'appended') return
    for (const { pattern, handler } of this.#receivers) {
      if (matchesPattern(pattern, command.channel)) this.#run(handler, publicationOf(command, result), author)
    }
  }

  #run(handler: ReceiveHandler, publication: OwnPublication, author: Identity): void {
    try {
      const outcome = handler(publication, author)
      if (outcome instanceof Promise) outcome.catch(this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }
}

const publicationOf = (
  { channel, data, key, remove }: Publish,
  { epoch, last: offset, time, stamp }: Extract<AppendResult, { kind: 'appended' }>,
): OwnPublication => ownPublication(channel, epoch, { offset, time, data, key, removed: remove, stamp })
