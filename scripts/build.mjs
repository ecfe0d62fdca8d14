/** `npm run build`: what is published: the compiled rooms, and the page. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, ensureConsole, ensureInstalled, NODE, ROOT, run } from './bootstrap.mjs'

ensureInstalled()
rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
rmSync(join(ROOT, '.cache'), { recursive: true, force: true })
run(NODE, [bin('tsc'), '-b'])
ensureConsole()
