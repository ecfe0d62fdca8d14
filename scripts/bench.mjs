/** `npm run bench`: installs the peers once, beside the project and not into it, and measures. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, run, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
if (!existsSync(join(ROOT, 'bench', 'node_modules')))
  run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'])
// `raw` is the WebSocket alone, `durable` the store, `scaling` what costs grow with; without a word it is everything beside its peers.
const [first, ...rest] = process.argv.slice(2)
const [file, args] = ['raw', 'durable', 'scaling'].includes(first)
  ? [`${first}.ts`, rest]
  : ['bench.ts', process.argv.slice(2)]
become(NODE, [...SOURCE_CONDITION, join(ROOT, 'bench', file), ...args])
