/**
 * What measured nodes publish: numbered from 1, with the time of publishing, filled up to a size. From the content
 * alone whoever receives it knows how long it took and whether any is missing; no audit of a client is asked.
 */

/** One channel on every measured node. */
export const CHANNEL = 'lab/publications'

export interface Content {
  readonly n: number
  /** When it was published, microseconds by the machine's clock. */
  readonly at: number
  readonly fill: string
}

/** What `{"n":…,"at":…,"fill":""}` needs, with seven digits for the number. */
export const LEAST_BYTES: number = 48
export const MOST_BYTES: number = 16 * 1024

/** @param bytes of its JSON, from LEAST_BYTES on. */
export const contentOf = (n: number, at: number, bytes: number): Content => {
  const bare: Content = { n, at, fill: '' }
  return { ...bare, fill: 'x'.repeat(Math.max(0, bytes - JSON.stringify(bare).length)) }
}

/** Undefined when it is none: whoever can reach the node could publish there too. */
export const readContent = (data: unknown): Content | undefined => {
  const { n, at, fill } = (data ?? {}) as Partial<Content>
  const sound = Number.isSafeInteger(n) && (n as number) > 0 && Number.isFinite(at)
  return sound && typeof fill === 'string' ? { n: n as number, at: at as number, fill } : undefined
}
