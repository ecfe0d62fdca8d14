/** A line chart as an SVG text, readable on light and on dark: logarithmic sizes across, microseconds up. */

export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const WIDTH = 720
const HEIGHT = 360
const LEFT = 64
/** Room for the names of curves; one alone needs none. */
const NAMES = 150
const TOP = 60
const BOTTOM = 48
/** On light and on dark. */
const COLOURS = [
  ['#2f6fde', '#6ea8ff'],
  ['#b9540f', '#f0a05a'],
  ['#2e7d4f', '#5fc98a'],
] as const

export const draw = (title: string, labels: { x: string; y: string }, curves: readonly Curve[]): string => {
  const xs = curves.flatMap(({ points }) => points.map(({ x }) => Math.log10(x)))
  const [low, high] = [Math.min(...xs), Math.max(...xs)]
  const right = curves.length > 1 ? NAMES : 28
  const most = ceiling(Math.max(...curves.flatMap(({ points }) => points.map(({ y }) => y))))
  const across = (x: number): number => LEFT + ((Math.log10(x) - low) / (high - low)) * (WIDTH - LEFT - right)
  const up = (y: number): number => HEIGHT - BOTTOM - (y / most) * (HEIGHT - TOP - BOTTOM)
  const lines = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = up(part * most)
    return (
      `<path class="grid" d="M${LEFT} ${y}H${WIDTH - right}"/>` +
      `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${round(part * most)}</text>`
    )
  })
  const sizes = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].map(
    (x) => `<text x="${across(x)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${short(x)}</text>`,
  )
  const drawn = curves.map(({ name, points }, index) => {
    const path = points
      .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(across(x))} ${round(up(y))}`)
      .join('')
    const dots = points
      .map(({ x, y }) => `<circle cx="${round(across(x))}" cy="${round(up(y))}" r="3.5"/>`)
      .join('')
    const last = points.at(-1)
    const label =
      last === undefined || curves.length === 1
        ? ''
        : `<text x="${across(last.x) + 10}" y="${up(last.y) + 4}">${name}</text>`
    return `<g class="c${index % COLOURS.length}"><path class="line" d="${path}"/>${dots}${label}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>
text{font:13px system-ui,sans-serif;fill:#333;stroke:none}g text{fill:inherit}${rules(0)}.grid{stroke:#8884;fill:none}.line{stroke-width:2;fill:none}
@media (prefers-color-scheme:dark){text{fill:#ddd}g text{fill:inherit}${rules(1)}}
</style>
<text x="${LEFT}" y="20" style="font-weight:600">${title}</text>
<text x="${LEFT}" y="40">${labels.y}</text>
<text x="${(WIDTH - right + LEFT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${labels.x}</text>
${[...lines, ...sizes, ...drawn].join('\n')}
</svg>
`
}

/** @param scheme 0 for light, 1 for dark */
const rules = (scheme: 0 | 1): string =>
  COLOURS.map((pair, index) => `.c${index}{stroke:${pair[scheme]};fill:${pair[scheme]}}`).join('')

/** The next round number. */
const ceiling = (value: number): number => {
  const unit = 10 ** Math.floor(Math.log10(value))
  return Math.ceil(value / unit) * unit
}

const round = (value: number): number => Math.round(value * 10) / 10

const short = (value: number): string => {
  if (value % 1e6 === 0) return `${value / 1e6}M`
  return value % 1e3 === 0 ? `${value / 1e3}k` : value.toLocaleString('en')
}
