/**
 * The presence leases that one attachment holds. What is asked of one channel is done in that order, however long
 * each step takes: a `leave` that overtook the `enter` before it would leave a ghost.
 */
import type { Gateway, Identity } from './gateway.ts'

type State = 'attached' | 'detached' | 'detached, leases kept'

export class PresenceLeases {
  readonly #gateway: Gateway
  readonly #generations = new Map<string, number>()
  /** What is under way, by channel; fulfilled when it is over, however it went. */
  readonly #lines = new Map<string, Promise<void>>()
  #state: State = 'attached'

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** Takes the lease of a channel, or renews it with new data. */
  enter(identity: Identity, channel: string, data: string): Promise<void> {
    return this.#inLine(channel, async () => {
      const attach = !this.#generations.has(channel)
      const generation = await this.#gateway.enter(identity, channel, data, attach)
      if (this.#state === 'attached') this.#generations.set(channel, generation)
      else if (this.#state === 'detached') await this.#gateway.leave(identity, channel, generation)
    })
  }

  leave(identity: Identity, channel: string): Promise<void> {
    return this.#inLine(channel, () => {
      this.#generations.delete(channel)
      return this.#gateway.leave(identity, channel, undefined)
    })
  }

  /** The client has shown that it lives. */
  renew(identity: Identity): void {
    for (const channel of this.#generations.keys()) {
      // One that has been left meanwhile must not be taken again.
      const renewed = this.#inLine(channel, async () => {
        if (this.#generations.has(channel)) await this.#gateway.enter(identity, channel, undefined, false)
      })
      renewed.catch((error: unknown) => this.#gateway.fault(error))
    }
  }

  /** Lets go: the leases run out after their grace, or, with `keep`, when their time is up. */
  detach(identity: Identity, keep: boolean): void {
    if (this.#state !== 'attached') return
    this.#state = keep ? 'detached, leases kept' : 'detached'
    if (!keep) {
      for (const [channel, generation] of this.#generations) {
        this.#inLine(channel, () => this.#gateway.leave(identity, channel, generation)).catch(
          (error: unknown) => this.#gateway.fault(error),
        )
      }
    }
    this.#generations.clear()
  }

  #inLine(channel: string, act: () => Promise<void>): Promise<void> {
    const before = this.#lines.get(channel)
    const acted = before === undefined ? act() : before.then(act)
    const over = acted.then(
      () => undefined,
      () => undefined,
    )
    this.#lines.set(channel, over)
    void this.#forget(channel, over)
    return acted
  }

  async #forget(channel: string, over: Promise<void>): Promise<void> {
    await over
    if (this.#lines.get(channel) === over) this.#lines.delete(channel)
  }
}
