/** What a node has done since it began, in plain numbers that only grow: a step costs an addition, and nobody is told. */
import type { ErrorCode } from '../protocol/index.ts'

export class Counters {
  publications = 0
  /** Publications that were handed to wires: one for each that was given one, counted by the batch. */
  deliveries = 0
  /** Bytes of them as they are framed, before compression and TLS; characters where an answer is still text. */
  deliveredBytes = 0
  /** HTTP requests, and WebSockets that were asked for. */
  requests = 0
  commands = 0
  readonly refusals: Map<ErrorCode, number> = new Map()

  refused(code: ErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
  }
}
