/**
 * `npm run dev`: the node from its sources, restarted when one of them changes, and the page with hot reloading, in
 * one terminal and at one URL. What follows `--` goes to `holdfast serve`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, NODE, ROOT, run, say, SOURCE_CONDITION } from './bootstrap.mjs'
import { freePort } from './free-port.mjs'

ensureInstalled()
if (process.versions.node.split('.')[0] < 22) {
  // Started by an older Node of the machine's: go on with the pinned one.
  run(NODE, ['scripts/dev.mjs', ...process.argv.slice(2)])
  process.exit(0)
}

const { createLogger, createServer } = await import('vite')

/** While the node restarts, the page's requests fail: that is not worth a stack trace. */
const quietLogger = () => {
  const logger = createLogger('warn')
  const { error } = logger
  logger.error = (message, options) => {
    if (!message.includes('proxy')) error(message, options)
  }
  return logger
}

const port = await freePort()
process.env.HOLDFAST_NODE = `http://127.0.0.1:${port}`

const vite = await createServer({
  configFile: join(ROOT, 'console', 'vite.config.ts'),
  customLogger: quietLogger(),
  server: { host: '127.0.0.1' },
})
await vite.listen()
const page = new URL(vite.resolvedUrls.local[0])

// Watched: every file that the node has imported. Nothing of it is typed in here: Ctrl-C ends both.
const main = join(ROOT, 'src', 'cli', 'main.ts')
const serve = ['serve', '--memory', '--port', String(port), '--origin', page.origin, ...process.argv.slice(2)]
const watch = ['--watch', '--watch-preserve-output', ...SOURCE_CONDITION, main, ...serve]
const node = spawn(NODE, watch, { cwd: process.cwd(), stdio: ['ignore', 'ignore', 'inherit'] })

const end = async (status) => {
  node.kill('SIGTERM')
  await vite.close()
  process.exit(status)
}
process.once('SIGINT', () => void end(0))
process.once('SIGTERM', () => void end(0))
node.once('exit', (status) => void end(status ?? 1))

const answers = async () => {
  try {
    return (await fetch(`${process.env.HOLDFAST_NODE}/healthz`)).ok
  } catch {
    return false
  }
}
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 50))

process.stdout.write(`${page.href}\n`)
say('The page and the node change as their sources do. Ctrl-C ends both.')
