/** `npm start`: installs and builds what is missing, then serves the node and its page. */
import { join } from 'node:path'
import { become, ensureConsole, ensureInstalled, NODE, ROOT, SOURCE_CONDITION } from './bootstrap.mjs'

ensureInstalled()
ensureConsole()
become(NODE, [...SOURCE_CONDITION, join(ROOT, 'src', 'cli', 'main.ts'), 'serve', ...process.argv.slice(2)])
