/** `npm run holdfast -- …`: the command line, from the sources. */
import { join } from 'node:path'
import { become, ensureInstalled, NODE, ROOT, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
become(NODE, [...SOURCE_CONDITION, join(ROOT, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)])
