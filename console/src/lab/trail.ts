/** The latencies of a run over time, a point for each transport and step, as the plot takes them. */
import type { TransportName } from 'holdfast'

/** Twenty minutes of half seconds: more than is ever shown at once. */
const MOST_POINTS = 2_400

export class Trail {
  readonly transports: readonly TransportName[]
  #seconds: number[] = []
  #series: (number | null)[][]
  readonly #listeners = new Set<() => void>()

  constructor(transports: readonly TransportName[]) {
    this.transports = transports
    this.#series = transports.map(() => [])
  }

  /** Seconds, and for each transport milliseconds. */
  get data(): [number[], ...(number | null)[][]] {
    return [this.#seconds, ...this.#series]
  }

  add(seconds: number, latencies: readonly (number | null)[]): void {
    this.#seconds.push(seconds)
    for (const [at, ms] of latencies.entries()) this.#series[at]?.push(ms)
    if (this.#seconds.length > MOST_POINTS) for (const each of [this.#seconds, ...this.#series]) each.shift()
    this.#tell()
  }

  clear(): void {
    this.#seconds = []
    this.#series = this.transports.map(() => [])
    this.#tell()
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
