/** An answer that its client does not read is let go: a node keeps no bytes for whoever never takes them. */
import type { ServerResponse } from 'node:http'
import { type Carrier, StallWatch } from '../transport/index.ts'
import type { Exchange } from './exchange.ts'

export class Unread implements Carrier {
  readonly #response: ServerResponse
  readonly #stall: StallWatch

  /** From before the answer is written until it has left. */
  static watch({ host, response }: Exchange): void {
    const unread = new Unread(response, host.limits.stallMs)
    host.carriers.add(unread)
    response.once('close', () => host.carriers.delete(unread))
  }

  private constructor(response: ServerResponse, stallMs: number) {
    this.#response = response
    this.#stall = new StallWatch(stallMs)
    response.once('close', this.#stall.writes())
  }

  sweep(_nowMs: number, elapsedMs: number): void {
    if (this.#stall.stalled(elapsedMs)) this.#response.destroy()
  }

  dismiss(): void {
    // It is on its way already.
  }
}
