/** A line chart as an SVG text, readable on light and on dark: logarithmic sizes across, microseconds up. */

export interface Curve {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const WIDTH = 720
const HEIGHT = 360
const LEFT = 64
const RIGHT = 150
const TOP = 40
const BOTTOM = 48
const COLOURS = ['#2f6fde', '#d2691e', '#2e8b57']

export const draw = (title: string, labels: { x: string; y: string }, curves: readonly Curve[]): string => {
  const xs = curves.flatMap(({ points }) => points.map(({ x }) => Math.log10(x)))
  const [low, high] = [Math.min(...xs), Math.max(...xs)]
  const most = ceiling(Math.max(...curves.flatMap(({ points }) => points.map(({ y }) => y))))
  const across = (x: number): number => LEFT + ((Math.log10(x) - low) / (high - low)) * (WIDTH - LEFT - RIGHT)
  const up = (y: number): number => HEIGHT - BOTTOM - (y / most) * (HEIGHT - TOP - BOTTOM)
  const lines = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = up(part * most)
    return (
      `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>` +
      `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${round(part * most)}</text>`
    )
  })
  const sizes = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].map(
    (x) => `<text x="${across(x)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${short(x)}</text>`,
  )
  const drawn = curves.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const path = points
      .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(across(x))} ${round(up(y))}`)
      .join('')
    const dots = points
      .map(({ x, y }) => `<circle cx="${round(across(x))}" cy="${round(up(y))}" r="3.5"/>`)
      .join('')
    const last = points.at(-1)
    const label =
      last === undefined ? '' : `<text x="${across(last.x) + 10}" y="${up(last.y) + 4}">${name}</text>`
    return `<g style="stroke:${colour};fill:${colour}"><path class="line" d="${path}"/>${dots}${label}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>
text{font:13px system-ui,sans-serif;fill:#333;stroke:none}g text{fill:inherit}.grid{stroke:#8884;fill:none}.line{stroke-width:2;fill:none}
@media (prefers-color-scheme:dark){text{fill:#ddd}}
</style>
<text x="${LEFT}" y="20" style="font-weight:600">${title}</text>
<text x="${LEFT}" y="${TOP - 5}">${labels.y}</text>
<text x="${(WIDTH - RIGHT + LEFT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${labels.x}</text>
${[...lines, ...sizes, ...drawn].join('\n')}
</svg>
`
}

/** The next round number. */
const ceiling = (value: number): number => {
  const unit = 10 ** Math.floor(Math.log10(value))
  return Math.ceil(value / unit) * unit
}

const round = (value: number): number => Math.round(value * 10) / 10

const short = (value: number): string => {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1e3 ? `${value / 1e3}k` : String(value)
}
