// Results as text: a line per section, then every case that went otherwise with what was heard.

import { faultsOf, type Result } from './suite.ts'

export function table(results: readonly Result[]): string {
  const sections = [...new Set(results.map((result) => result.section))].sort((a, b) => a.number - b.number)
  const rows = sections.map((section) => {
    const mine = results.filter((result) => result.section === section)
    return row(`${section.number}. ${section.title}`, mine)
  })
  return ['', head, ...rows, row('All', results), '', ...faultsOf(results)].join('\n')
}

const line = (title: string, ...figures: (string | number)[]): string =>
  title.padEnd(28) + figures.map((figure) => String(figure).padStart(8)).join('')

const head = line('', 'cases', 'passed', 'failed')

function row(title: string, results: readonly Result[]): string {
  const failed = results.filter((result) => result.fault !== undefined).length
  return line(title, results.length, results.length - failed, failed)
}
