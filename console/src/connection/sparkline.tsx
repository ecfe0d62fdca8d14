/** The latest latencies as bars in their transports' colours; the height grows with the logarithm. */
import type { JSX } from 'react'
import { TRAIL_LENGTH, useLatencyTrail } from './latency-trail.ts'

const MOST_MS = 10_000
const HEIGHT = 32
const LEAST = 4
const STEP = 6

const heightOf = (ms: number): number =>
  LEAST + (HEIGHT - LEAST) * Math.min(1, Math.log10(1 + ms) / Math.log10(1 + MOST_MS))

export const Sparkline = (): JSX.Element => {
  const trail = useLatencyTrail()
  const width = TRAIL_LENGTH * STEP
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line x1="0" x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {trail.map(({ id, ms, transport }, index) => {
        const height = heightOf(ms)
        const x = (TRAIL_LENGTH - trail.length + index) * STEP + 1
        return (
          <rect
            key={id}
            data-transport={transport}
            x={x}
            y={HEIGHT - height}
            width={STEP - 2}
            height={height}
            rx="1"
          />
        )
      })}
    </svg>
  )
}
