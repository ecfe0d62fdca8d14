/** Keeps a stream that goes when nobody reads it while somebody waits for what comes next. */
import type { Gateway } from '../transport/index.ts'
import type { Follower } from './follower.ts'
import type { StreamConfig } from './stream-config.ts'

export class IdleKeeper {
  readonly #follower: Follower
  readonly #host: Pick<Gateway, 'fault'>
  readonly #everyMs: number
  #renewedMs: number

  /** Undefined for a stream that does not go for want of readers. */
  static for(
    { ttlSeconds }: StreamConfig,
    follower: Follower,
    host: Pick<Gateway, 'fault' | 'now'>,
  ): IdleKeeper | undefined {
    return ttlSeconds === undefined ? undefined : new IdleKeeper(follower, host, ttlSeconds * 500)
  }

  private constructor(follower: Follower, host: Pick<Gateway, 'fault' | 'now'>, everyMs: number) {
    this.#follower = follower
    this.#host = host
    this.#everyMs = everyMs
    this.#renewedMs = host.now()
  }

  sweep(nowMs: number): void {
    if (nowMs - this.#renewedMs < this.#everyMs) return
    this.#renewedMs = nowMs
    this.#follower.renew().catch((error: unknown) => this.#host.fault(error))
  }
}
