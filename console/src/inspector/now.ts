/** The time, for what is still going on: it moves a few times a second, and less where people want less movement. */
import { useEffect, useState } from 'react'
import type { Inspection } from './inspection.ts'

const STEP_MS = 100
const CALM_STEP_MS = 1_000

/** By the node's clock, milliseconds. @param still nothing is to move. */
export const useNow = (inspection: Inspection, still: boolean): number => {
  const [now, setNow] = useState(() => inspection.nowMs())
  useEffect(() => {
    if (still) return
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    const timer = setInterval(() => setNow(inspection.nowMs()), calm ? CALM_STEP_MS : STEP_MS)
    return () => clearInterval(timer)
  }, [inspection, still])
  return still ? now : Math.max(now, inspection.nowMs())
}
