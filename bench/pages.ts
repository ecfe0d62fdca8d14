/** Where what was measured is kept, as tables and charts: in docs/performance, or else beside the bench. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { bars } from './drawing/bars.ts'
import { draw } from './drawing/lines.ts'
import { type Growth, growthOf, markdownGrowth } from './growth-table.ts'
import type { Result } from './rows.ts'
import { markdownTable, markdownVerdicts } from './tables.ts'
import { unitOf } from './workload.ts'

const ROOT = join(import.meta.dirname, '..')
const PUBLISHED = join(ROOT, 'docs', 'performance')
const RESULTS = join(ROOT, 'bench', 'results')

const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

export class Pages {
  readonly #folder: string

  /** @param published whether the project's own are replaced. */
  constructor(published: boolean) {
    this.#folder = published ? PUBLISHED : RESULTS
    mkdirSync(this.#folder, { recursive: true })
  }

  /** From the project's root. */
  get folder(): string {
    return relative(ROOT, this.#folder)
  }

  /** @returns the name of the file. */
  writeChart(name: string, svg: string): string {
    const file = `${slug(name)}.svg`
    writeFileSync(join(this.#folder, file), svg)
    return file
  }

  /** In the project's format, which the check looks at. */
  async #writePage(name: string, text: string): Promise<void> {
    const file = join(this.#folder, name)
    const config = await resolveConfig(file, { editorconfig: true })
    writeFileSync(file, await format(text, { ...config, parser: 'markdown' }))
  }

  async writeTables(machine: string, results: readonly Result[]): Promise<void> {
    const sections = results.map((result) => {
      const { name } = result.workload
      const rows = result.rows.map(({ subject, cost }) => ({ name: subject, value: cost }))
      const chart = this.writeChart(name, bars(name, unitOf(result.workload), rows))
      return `${markdownTable(result)}\n![${name}](${chart})\n`
    })
    const head =
      `# Tables of one run\n\n${machine}. Written by \`npm run bench -- --write\`; what they mean is in ` +
      '[performance.md](../performance.md). Durable publishing is measured by `npm run bench -- durable`, see ' +
      '[durable.md](../durable.md); the WebSocket alone by `npm run bench -- raw`, see ' +
      '[websocket-performance.md](../websocket-performance.md); growth by `npm run bench -- scaling`.\n'
    const text = [head, '## Bars and goals\n', markdownVerdicts(results), '## Tables\n', ...sections].join(
      '\n',
    )
    await this.#writePage('tables.md', text)
  }

  async writeGrowth(machine: string, grown: readonly Growth[]): Promise<void> {
    const sections = grown.map((growth) => {
      const labels = { x: growth.across, y: `µs of CPU, ${growthOf(growth)}` }
      const { name, points } = growth
      const svg = draw(`CPU time of ${name}`, labels, [{ name: 'Holdfast', points }])
      return `${markdownGrowth(growth)}\n![CPU time of ${name}](${this.writeChart(`scaling ${name}`, svg)})\n`
    })
    const head =
      `# Growth in one run\n\n${machine}. Written by \`npm run bench -- scaling --write\`. The power is the exponent ` +
      'that fits a curve best: 0 is flat, 1 linear. What is measured is one delivery or one connection, so flat ' +
      'means that all of them together are linear.\n'
    await this.#writePage('scaling.md', [head, ...sections].join('\n'))
  }
}
