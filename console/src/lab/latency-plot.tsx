/** The plot of latencies: a line for each transport, on axes that stay where they are while it grows. */
import { type JSX, useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { TITLES } from '../connection/transports.ts'
import type { Trail } from './trail.ts'

export interface LatencyPlotProps {
  readonly trail: Trail
  /** The run takes this long, seconds. */
  readonly expectedSeconds: number
  /** What a person who does not see it is told. */
  readonly summary: string
  readonly plot: { current: uPlot | undefined }
}

const HEIGHT = 260
/** A longer run slides by. */
const MOST_SECONDS = 60
const LEAST_MS = 0.1

export const LatencyPlot = ({ trail, expectedSeconds, summary, plot }: LatencyPlotProps): JSX.Element => {
  const place = useRef<HTMLDivElement>(null)
  const expected = useRef(expectedSeconds)
  useEffect(() => {
    expected.current = expectedSeconds
    plot.current?.setData(trail.data)
  }, [expectedSeconds, plot, trail])
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const made = new uPlot(
      optionsFor(trail, element.clientWidth, () => expected.current),
      trail.data,
      element,
    )
    plot.current = made
    const draw = (): void => made.setData(trail.data)
    const unlisten = trail.listen(draw)
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    resize.observe(element)
    const unwatch = watchTheme(() => made.redraw(false, true))
    return () => {
      unlisten()
      resize.disconnect()
      unwatch()
      plot.current = undefined
      made.destroy()
    }
  }, [trail, plot])
  return <div className="lab-plot" ref={place} role="img" aria-label={summary} style={{ height: HEIGHT }} />
}

const optionsFor = (trail: Trail, width: number, expected: () => number): uPlot.Options => ({
  width,
  height: HEIGHT,
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 20, 0, 0],
  scales: {
    x: {
      time: false,
      range: () => {
        const last = trail.data[0].at(-1) ?? 0
        const long = Math.min(MOST_SECONDS, Math.max(10, expected()))
        return last <= long ? [0, long] : [last - long, last]
      },
    },
    // Whole decades, so that it moves rarely.
    y: {
      // Logarithmic. Its enum is there for types only.
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
      distr: 3,
      range: (_plot, _least, most) => [LEAST_MS, Math.max(1_000, 10 ** Math.ceil(Math.log10(most || 1)))],
    },
  },
  axes: [
    { ...axis(), size: 30, values: (_plot, splits) => splits.map((each) => `${each} s`) },
    {
      ...axis(),
      size: 62,
      splits: (plot) => decades(plot.scales['y']?.max ?? 1_000),
      filter: (_plot, splits) => splits,
      values: (_plot, splits) => splits.map((each) => (each >= 1_000 ? `${each / 1_000} s` : `${each} ms`)),
    },
  ],
  series: [
    {},
    ...trail.transports.map((transport): uPlot.Series => ({
      label: TITLES[transport],
      stroke: () => colour(`--${transport}`),
      width: 2,
      spanGaps: true,
      points: { show: true, size: 4, fill: () => colour(`--${transport}`), width: 0 },
    })),
  ],
})

const axis = (): Partial<uPlot.Axis> => ({
  stroke: () => colour('--ink-quiet'),
  font: '12px system-ui, sans-serif',
  grid: { stroke: () => colour('--line'), width: 1 },
  ticks: { show: false },
})

const decades = (most: number): number[] => {
  const splits: number[] = []
  for (let each = LEAST_MS; each <= most * 1.01; each *= 10) splits.push(Number(each.toPrecision(1)))
  return splits
}

/** A custom property as the canvas understands it: light-dark() is resolved where it is used. */
const colour = (name: string): string => {
  probe.style.color = `var(${name})`
  if (!probe.isConnected) document.body.append(probe)
  return getComputedStyle(probe).color
}
const probe = document.createElement('span')
probe.hidden = true

/** The theme is the system's, or that of an attribute. */
const watchTheme = (changed: () => void): (() => void) => {
  const query = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  query.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    query.removeEventListener('change', changed)
  }
}
