/** A chart of the comparison as an SVG text, for light and dark pages: rates across, a line for each transport. */
import type { TransportName } from '../../client/node.ts'
import { TRAITS } from '../../lab/node.ts'

export interface ChartLine {
  readonly transport: TransportName
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface Chart {
  readonly title: string
  /** What is drawn upwards, with its unit. */
  readonly y: string
  /** Each line between two ticks is ten times the one below. */
  readonly logarithmic: boolean
  readonly lines: readonly ChartLine[]
}

const WIDTH = 720
const HEIGHT = 340
const LEFT = 56
const RIGHT = 124
const TOP = 56
const BOTTOM = 52
/** Labels that would stand closer are moved apart. */
const LABEL_PITCH = 17

/** As in examples/tokens.css: on light, on dark. */
const COLOURS: Readonly<Record<TransportName, readonly [string, string]>> = {
  websocket: ['#08775a', '#3fcb9c'],
  sse: ['#1c60c9', '#7cb0ff'],
  'long-polling': ['#7a3bd0', '#ba99ff'],
  polling: ['#985a00', '#e5a748'],
}

type Scale = (value: number) => number

export const drawChart = ({ title, y, logarithmic, lines }: Chart): string => {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].toSorted(
    (a, b) => a - b,
  )
  const ys = lines.flatMap(({ points }) => points.map((point) => point.y))
  const ticks = logarithmic ? decades(ys) : steps(Math.max(...ys))
  const across = scale([Math.log2(xs[0] ?? 1), Math.log2(xs.at(-1) ?? 2)], [LEFT, WIDTH - RIGHT])
  const upRange: readonly [number, number] = [HEIGHT - BOTTOM, TOP]
  const ends: readonly [number, number] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const linear = scale(logarithmic ? [Math.log10(ends[0]), Math.log10(ends[1])] : ends, upRange)
  const up: Scale = (value) => linear(logarithmic ? Math.log10(Math.max(value, ends[0])) : value)
  const place: Place = { across: (x) => across(Math.log2(x)), up }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>
${STYLE}
</style>
<text class="title" x="0" y="18">${title}</text>
<text class="quiet" x="0" y="38">${y}</text>
${ticks.map((tick) => gridLine(tick, up(tick))).join('\n')}
${xs.map((x) => `<text class="quiet number" x="${short(place.across(x))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${x}</text>`).join('\n')}
<text class="quiet" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">publications per second</text>
${lines.map((line) => drawLine(line, place)).join('\n')}
${labels(lines, place)}
</svg>
`
}

interface Place {
  readonly across: Scale
  readonly up: Scale
}

const STYLE = [
  'text{font:13px system-ui,-apple-system,"Segoe UI","Liberation Sans",sans-serif;fill:#1a1c1e}',
  '.title{font-weight:600;font-size:15px}.quiet{fill:#5b6065}.number{font-variant-numeric:tabular-nums}',
  '.grid{stroke:#e2e2dd;fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}.label{font-weight:600}',
  ...Object.entries(COLOURS).map(([name, [light]]) => colourRules(name, light)),
  '@media (prefers-color-scheme:dark){text{fill:#e9eaeb}.quiet{fill:#a0a6ac}.grid{stroke:#3a3f43}',
  ...Object.entries(COLOURS).map(([name, [, dark]]) => colourRules(name, dark)),
  '}',
].join('\n')

function colourRules(name: string, colour: string): string {
  return `.${name} .line{stroke:${colour}}.${name} circle,.${name}.label{fill:${colour}}`
}

const gridLine = (tick: number, y: number): string =>
  `<path class="grid" d="M${LEFT} ${short(y)}H${WIDTH - RIGHT}"/>` +
  `<text class="quiet number" x="${LEFT - 8}" y="${short(y + 4)}" text-anchor="end">${tick.toLocaleString('en')}</text>`

const drawLine = ({ transport, points }: ChartLine, { across, up }: Place): string => {
  const at = points.map(({ x, y }) => `${short(across(x))} ${short(up(y))}`)
  const dots = points.map(({ x, y }) => `<circle cx="${short(across(x))}" cy="${short(up(y))}" r="3"/>`)
  return `<g class="${transport}"><path class="line" d="M${at.join('L')}"/>${dots.join('')}</g>`
}

/** Each line's name behind its end; from the top down, none on another. */
const labels = (lines: readonly ChartLine[], { across, up }: Place): string => {
  const wanted = lines
    .flatMap(({ transport, points }) => {
      const last = points.at(-1)
      return last === undefined ? [] : [{ transport, x: across(last.x) + 10, y: up(last.y) + 4 }]
    })
    .toSorted((a, b) => a.y - b.y)
  let lowest = -Infinity
  for (const each of wanted) lowest = each.y = Math.max(each.y, lowest + LABEL_PITCH)
  // What was pushed out at the bottom goes up again, and takes with it what is in its way.
  let highest = HEIGHT - BOTTOM + 4 + LABEL_PITCH
  for (const each of wanted.toReversed()) highest = each.y = Math.min(each.y, highest - LABEL_PITCH)
  return wanted
    .map(
      ({ transport, x, y }) =>
        `<text class="${transport} label" x="${short(x)}" y="${short(y)}">${TRAITS[transport].title}</text>`,
    )
    .join('\n')
}

const scale =
  ([fromLow, fromHigh]: readonly [number, number], [low, high]: readonly [number, number]): Scale =>
  (value) =>
    low + ((value - fromLow) / (fromHigh - fromLow || 1)) * (high - low)

/** 0 and up to five round steps. */
const steps = (most: number): number[] => {
  const unit = 10 ** Math.floor(Math.log10(Math.max(most, 1e-6)))
  const step =
    [0.2, 0.25, 0.5, 1, 2].map((factor) => factor * unit).find((each) => most / each <= 5) ?? 2 * unit
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step)
}

const decades = (values: readonly number[]): number[] => {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.ceil(Math.log10(Math.max(...values)))
  return Array.from({ length: Math.max(high - low, 1) + 1 }, (_, at) =>
    Number((10 ** (low + at)).toPrecision(1)),
  )
}

const short = (value: number): number => Math.round(value * 10) / 10
