/** Keeps a stream that goes when nobody reads it while somebody waits for what comes next. */
import type { Gateway } from '../transport/index.ts'
import type { Follower } from './follower.ts'
import type { StreamConfig } from './stream-config.ts'

/** Reads in the time that a stream stays without one: some may come late. */
const READS_PER_TTL = 4
/** Timers have an end, and a longer one would spare nothing. */
const LONGEST_MS = 3_600_000

export class IdleKeeper {
  readonly #follower: Follower
  readonly #host: Pick<Gateway, 'fault' | 'after'>
  readonly #everyMs: number
  #cancel: () => void = () => undefined

  /** Undefined for a stream that does not go for want of readers. */
  static for(
    { ttlSeconds }: StreamConfig,
    follower: Follower,
    host: Pick<Gateway, 'fault' | 'after'>,
  ): IdleKeeper | undefined {
    return ttlSeconds === undefined ? undefined : new IdleKeeper(follower, host, ttlSeconds)
  }

  private constructor(follower: Follower, host: Pick<Gateway, 'fault' | 'after'>, ttlSeconds: number) {
    this.#follower = follower
    this.#host = host
    this.#everyMs = Math.min(LONGEST_MS, (ttlSeconds * 1_000) / READS_PER_TTL)
    this.#arm()
  }

  stop(): void {
    this.#cancel()
  }

  #arm(): void {
    this.#cancel = this.#host.after(this.#everyMs, () => {
      this.#arm()
      this.#follower.renew().catch((error: unknown) => this.#host.fault(error))
    })
  }
}
