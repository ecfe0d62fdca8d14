/** `npm run crash -- --kills 200`: a node killed with -9 while clients publish to it; see test/durability/crash/. */
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
become(NODE, [
  ...SOURCE_CONDITION,
  join(ROOT, 'test', 'durability', 'crash', 'main.ts'),
  ...process.argv.slice(2),
])
