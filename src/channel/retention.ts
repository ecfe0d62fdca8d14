/** How much of a log is kept. Whatever exceeds any of the three goes, oldest first. */
export interface Retention {
  /** Publications. */
  readonly count: number
  /** Milliseconds since a publication was appended. */
  readonly ageMs: number
  /** Bytes, as `weigh` counts them. */
  readonly bytes: number
}

/** A memory channel unless a rule says otherwise: 1,000 publications or one hour, and 16 MiB at most. */
export const MEMORY_RETENTION: Retention = { count: 1_000, ageMs: 3_600_000, bytes: 16 * 1024 * 1024 }

/** An ephemeral channel: enough for readers that are in step, and no history. */
export const EPHEMERAL_RETENTION: Retention = { count: 64, ageMs: 10_000, bytes: 256 * 1024 }

/** A channel that keeps what is in it until that is trimmed or the channel goes. */
export const FULL_RETENTION: Retention = {
  count: Number.MAX_SAFE_INTEGER,
  ageMs: Number.MAX_SAFE_INTEGER,
  bytes: Number.MAX_SAFE_INTEGER,
}

/** A durable channel unless a rule says otherwise: no age, the latest 100,000 publications, 256 MiB at most. */
export const DURABLE_RETENTION: Retention = { count: 100_000, ageMs: Infinity, bytes: 256 * 1024 * 1024 }
