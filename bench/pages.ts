/** Where what was measured is kept: tables and charts in docs/performance. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bars } from './drawing/bars.ts'
import type { Result } from './rows.ts'
import { markdownTable, markdownVerdicts } from './tables.ts'
import { unitOf } from './workload.ts'

const FOLDER = join(import.meta.dirname, '..', 'docs', 'performance')

const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

export class Pages {
  constructor() {
    mkdirSync(FOLDER, { recursive: true })
  }

  /** @returns the name of the file. */
  writeChart(name: string, svg: string): string {
    const file = `${slug(name)}.svg`
    writeFileSync(join(FOLDER, file), svg)
    return file
  }

  writeTables(machine: string, results: readonly Result[]): void {
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
    writeFileSync(join(FOLDER, 'tables.md'), text)
  }
}
