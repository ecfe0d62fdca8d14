/** `npm run bench`: installs the peers once, beside the project and not into it, and measures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, run, say, SOURCE_CONDITION } from './bootstrap.mjs'

/** What is measured: beside its peers, the WebSocket alone, what costs grow with, the store; and how each is written. */
const PARTS = {
  peers: { file: 'bench.ts', write: ['--write'] },
  raw: { file: 'raw.ts', write: [] },
  scaling: { file: 'scaling.ts', write: ['--write'] },
  durable: { file: 'durable.ts', write: ['--draw'] },
}

ensureInstalled()
if (!existsSync(join(ROOT, 'bench', 'node_modules')))
  run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'])

const [first, ...rest] = process.argv.slice(2)
const command = (part, args) => [...SOURCE_CONDITION, join(ROOT, 'bench', PARTS[part].file), ...args]
if (first === undefined || (first === '--write' && rest.length === 0)) {
  for (const part of Object.keys(PARTS)) {
    say(`\n── ${part}`)
    run(NODE, command(part, first === undefined ? [] : PARTS[part].write))
  }
} else if (Object.hasOwn(PARTS, first)) become(NODE, command(first, rest))
else become(NODE, command('peers', process.argv.slice(2)))
