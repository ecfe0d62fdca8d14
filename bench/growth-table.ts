/** Curves of growth as tables, each with the one number that says how it grows. */
import type { Growing } from './growing.ts'
import type { Point } from './growth.ts'

export interface Growth extends Growing {
  readonly points: readonly Point[]
  /** 0 is flat, 1 linear. */
  readonly exponent: number
}

/** What is rounded to nothing has no sign. */
export const growthOf = ({ exponent }: Growth): string =>
  `grows with the power ${exponent.toFixed(2).replace('-0.00', '0.00')}`

const verdict = ({ exponent, atMost }: Growth): string =>
  `${atMost < 1 ? 'flat' : 'linear'} up to ${atMost.toFixed(1)}: ${exponent <= atMost ? 'held' : 'missed'}`

export const plainGrowth = (growth: Growth): string => {
  const line = ({ x, y }: Point): string =>
    `  ${x.toLocaleString('en').padStart(10)} ${growth.across.padEnd(36)}${y.toFixed(1).padStart(8)}`
  const said = `  ${growthOf(growth)}; ${verdict(growth)}`
  return [`\nCPU µs of ${growth.name}`, ...growth.points.map(line), said].join('\n')
}

export const markdownGrowth = (growth: Growth): string => {
  const row = (head: string, cells: readonly string[]): string => `| ${head} | ${cells.join(' | ')} |`
  return [
    `## CPU time of ${growth.name}`,
    '',
    row(
      growth.across,
      growth.points.map(({ x }) => x.toLocaleString('en')),
    ),
    `|---|${growth.points.map(() => '---:|').join('')}`,
    row(
      'µs of CPU',
      growth.points.map(({ y }) => y.toFixed(1)),
    ),
    '',
    `It ${growthOf(growth)}; ${verdict(growth)}.`,
    '',
  ].join('\n')
}
