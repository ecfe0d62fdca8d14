/**
 * `npm run example -- <name>`: one example alone: a node with its server.ts, and its component on an empty page. The page
 * changes as its sources do. `--port P` listens there instead of on a free port.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { become, ensureInstalled, NODE, ROOT, say, SOURCE_CONDITION } from './bootstrap.mjs'
import { freePort } from './free-port.mjs'

const FOLDER = join(ROOT, 'examples')

const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } })
const [name] = positionals
const names = readdirSync(FOLDER).filter((each) => existsSync(join(FOLDER, each, 'server.ts')))
if (name === undefined || !names.includes(name)) {
  say(`Usage: npm run example -- <name>\n\nExamples: ${names.join(', ')}`)
  process.exit(name === undefined ? 0 : 1)
}
if (!process.execArgv.includes('holdfast-source')) {
  // The sources are imported under their public names, which takes a condition, and the pinned Node.
  ensureInstalled()
  become(NODE, [...SOURCE_CONDITION, ...process.argv.slice(1)])
} else {
  await serve()
}

async function serve() {
  const { createServer: createVite } = await import('vite')
  const { createServer } = await import('holdfast/server')
  const { rules, start } = await import(join(FOLDER, name, 'server.ts'))

  /** `chat/chat.tsx` exports `Chat`. */
  const component = name.charAt(0).toUpperCase() + name.slice(1)

  const vite = await createVite({
    configFile: join(ROOT, 'console', 'vite.config.ts'),
    root: FOLDER,
    base: '/',
    logLevel: 'warn',
    appType: 'spa',
    cacheDir: join(ROOT, 'node_modules', '.vite-examples'),
    server: { middlewareMode: true, ws: { host: '127.0.0.1', port: await freePort() }, proxy: {} },
    plugins: [
      {
        name: 'example',
        resolveId: (id) => (id === 'virtual:example' ? '\0example' : undefined),
        load: (id) =>
          id === '\0example' ? `export { ${component} as View } from '/${name}/${name}.tsx'` : undefined,
      },
    ],
  })

  const server = createServer({ rules, fallback: (request, response) => vite.middlewares(request, response) })
  const { url } = await server.listen({ port: Number(values.port ?? 0) })
  const end = start(server)
  process.stdout.write(`${url}\n`)
  say(`The ${name} example. It changes as its sources do; Ctrl-C ends it.`)

  const stop = async () => {
    end()
    await vite.close()
    await server.close()
    process.exit(0)
  }
  process.once('SIGINT', () => void stop())
  process.once('SIGTERM', () => void stop())
}
