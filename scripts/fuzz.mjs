/** `npm run fuzz -- --minutes 10`: the long run against everything that reads what a peer sent; see test/fuzz/. */
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
become(NODE, [...SOURCE_CONDITION, join(ROOT, 'test', 'fuzz', 'long-run.ts'), ...process.argv.slice(2)])
