/** A bar chart as an SVG text, readable on light and on dark: one bar for each server, the shortest is the best. */

export interface Bar {
  readonly name: string
  readonly value: number
}

const WIDTH = 720
const LEFT = 170
const RIGHT = 90
const TOP = 54
const STEP = 26
const THICK = 16

export const bars = (title: string, unit: string, rows: readonly Bar[]): string => {
  const most = Math.max(...rows.map(({ value }) => value))
  const drawn = rows.map(({ name, value }, at) => {
    const y = TOP + at * STEP
    const width = Math.max(1, Math.round((value / most) * (WIDTH - LEFT - RIGHT)))
    const ours = name.startsWith('Holdfast') ? ' class="ours"' : ''
    return (
      `<g${ours}><text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${name}</text>` +
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${THICK}"/>` +
      `<text x="${LEFT + width + 6}" y="${y + 13}">${spelled(value)}</text></g>`
    )
  })
  const height = TOP + rows.length * STEP + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>
text{font:13px system-ui,sans-serif;fill:#333}rect{fill:#8a94a6}.ours rect{fill:#2f6fde}.ours text{font-weight:600}
@media (prefers-color-scheme:dark){text{fill:#ddd}.ours rect{fill:#6ea8ff}}
</style>
<text x="8" y="20" style="font-weight:600">${title}</text>
<text x="8" y="38">${unit}, lower is better</text>
${drawn.join('\n')}
</svg>
`
}

const spelled = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)
