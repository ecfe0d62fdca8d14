/** How long something took and how busy this process was meanwhile, since a load that is the limit measures itself. */
import { performance } from 'node:perf_hooks'

export interface Spent {
  readonly seconds: number
  /** 0 to 1. */
  readonly utilisation: number
}

/** Begins now; the answer ends it. */
export const beginSpan = (): (() => Spent) => {
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  return () => ({
    seconds: (performance.now() - began) / 1_000,
    utilisation: performance.eventLoopUtilization(before).utilization,
  })
}
