/** `npm run simulate`: the whole system in one process under a virtual clock, one schedule of faults per seed. */
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
become(NODE, [...SOURCE_CONDITION, join(ROOT, 'test', 'simulator', 'main.ts'), ...process.argv.slice(2)])
