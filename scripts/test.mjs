/**
 * `npm test`: everything that gates a change. Checks first, then each room's own tests, with every branch of the
 * cores reached by their own, then what crosses rooms, then the browser.
 */
import { resolve } from 'node:path'
import {
  ensureConsole,
  ensureInstalled,
  NODE,
  ROOT,
  run,
  runBounded,
  say,
  SOURCE_CONDITION,
} from './bootstrap.mjs'

ensureInstalled()
if (process.versions.node.split('.')[0] < 22) {
  // The first run of a fresh clone is started by the machine's Node; from here on it is the pinned one.
  run(NODE, ['scripts/test.mjs', ...process.argv.slice(2)])
  process.exit(0)
}

const { globSync } = await import('node:fs')
const { ensurePrograms } = await import('./debian-packages.mjs')

/** Rooms whose own tests alone must reach every branch. */
const CORES = ['roster', 'websocket', 'channel', 'session', 'hub']

/** Each group of files takes a few minutes at most. */
const MOST_MINUTES = 15

const test = async (title, files, flags = []) => {
  if (files.length === 0) throw new Error(`no tests: ${title}`)
  say(`\n── ${title} (${files.length} files)`)
  const reporter = process.env.CI === undefined && process.stdout.isTTY ? 'spec' : 'dot'
  const args = [
    ...SOURCE_CONDITION,
    '--test',
    // Whatever hangs fails, and says where.
    '--test-timeout=300000',
    `--test-reporter=${reporter === 'dot' ? './scripts/brief-reporter.mjs' : 'spec'}`,
    ...flags,
    ...files,
  ]
  await runBounded(NODE, args, MOST_MINUTES)
}

const coverageOf = (room) => [
  '--experimental-test-coverage',
  `--test-coverage-include=src/${room}/**`,
  '--test-coverage-exclude=**/*.test.ts',
  '--test-coverage-lines=100',
  '--test-coverage-branches=100',
  '--test-coverage-functions=100',
]

const missing = ensurePrograms()
const only = process.argv[2]
const wanted = (title) => only === undefined || title.includes(only)

if (wanted('check')) run(NODE, ['scripts/check.mjs'])
for (const room of CORES) {
  if (wanted(room))
    await test(`src/${room}, every branch`, globSync(`src/${room}/**/*.test.ts`), coverageOf(room))
}
// Hundreds of processes start from the same sources. Coverage, above, is only exact without it.
process.env.NODE_COMPILE_CACHE ??= resolve(ROOT, 'node_modules', '.cache', 'compiled')
const rooms = globSync('src/**/*.test.ts').filter(
  (file) => !CORES.some((room) => file.startsWith(`src/${room}/`)),
)
if (wanted('rooms')) await test('the other rooms', rooms)
if (wanted('size')) {
  run(NODE, ['scripts/client-size.mjs'])
  run(NODE, ['scripts/page-size.mjs'])
}
if (wanted('examples')) {
  await test('the examples and the page', globSync(['examples/**/*.test.ts', 'console/src/**/*.test.ts']))
}
const across = globSync('test/**/*.test.ts').filter((file) => !file.startsWith('test/browser/'))
if (wanted('across')) await test('across rooms', across, ['--test-concurrency=2'])
const browsers = ['chromium', 'chromium-headless-shell']
if (wanted('browser') && !browsers.some((name) => missing.includes(name))) {
  ensureConsole()
  await test('in a browser', globSync('test/browser/**/*.test.ts'), ['--test-concurrency=2'])
}
say(`\nAll of it passed${missing.length > 0 ? `, without what needs ${missing.join(', ')}` : ''}.`)
