/**
 * How long a request is held: its place among the requests that are, and the moment at which it is answered though
 * nothing has happened. It answers nothing by itself.
 */
import type { Timed } from '../wire/index.ts'
import type { Gateway, Identity } from './gateway.ts'
import type { Held } from './held-requests.ts'
import { holdTimeMs } from './poll-timing.ts'

export class Hold implements Timed {
  dueTick = 0
  readonly #gateway: Gateway
  readonly #identity: Identity
  readonly #held: Held
  readonly #cancel: (() => void) | undefined

  /** @param askedMs what the client wants, milliseconds. */
  constructor(gateway: Gateway, identity: Identity, held: Held, askedMs?: number) {
    this.#gateway = gateway
    this.#identity = identity
    this.#held = held
    const holdMs = holdTimeMs(gateway.limits.holdMs, askedMs, gateway.random())
    const { expiresAtMs } = identity
    if (expiresAtMs === undefined) gateway.deadlines.arm(this, holdMs)
    else {
      // Nothing is told to whoever's token has run out meanwhile, and that is so to the moment.
      const tokenMs = Math.max(0, expiresAtMs - gateway.now())
      this.#cancel = gateway.after(Math.min(holdMs, tokenMs), () => held.release())
    }
  }

  /** Takes its place: one too many displaces the oldest, which may be this one. */
  begin(): void {
    this.#gateway.held.add(this.#identity.knownSession, this.#held)
  }

  end(): void {
    this.#cancel?.()
    if (this.dueTick !== 0) this.#gateway.deadlines.disarm(this)
    this.#gateway.held.remove(this.#identity.knownSession, this.#held)
  }

  expire(): number {
    this.#held.release()
    return 0
  }
}
