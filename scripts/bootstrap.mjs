/**
 * Makes a fresh clone ready: installs what package-lock.json names, once per lock file. Plain JavaScript without
 * dependencies, since it runs before there are any, on whichever Node the machine has (20 or later).
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)))
const STAMP = join(ROOT, 'node_modules', '.holdfast-lock')

/** The pinned Node, whatever the machine has. */
export const NODE = join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Runs the sources under their public names. */
export const SOURCE_CONDITION = ['--conditions', 'holdfast-source']

export const say = (text) => process.stderr.write(`${text}\n`)

export const bin = (name) => join(ROOT, 'node_modules', '.bin', name)

/** Installs if package-lock.json has changed since the last time, or if nothing is installed. */
export const ensureInstalled = () => {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock && existsSync(NODE)) return
  say('Installing dependencies (once) …')
  run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true })
  writeFileSync(STAMP, lock)
}

/** Builds the page, if a source of it is newer than what was built. */
export const ensureConsole = () => {
  const built = join(ROOT, 'console', 'dist', 'page', 'index.html')
  const sources = [join(ROOT, 'console'), join(ROOT, 'examples'), join(ROOT, 'src')]
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) return
  say('Building the page (once) …')
  run(NODE, [bin('vite'), 'build', 'console', '--logLevel', 'warn'])
  run(NODE, ['scripts/console-server.mjs'])
}

const newest = (folders) => {
  let latest = 0
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name)
      if (entry.isFile() && !path.includes(join('console', 'dist'))) {
        latest = Math.max(latest, statSync(path).mtimeMs)
      }
    }
  }
  return latest
}

/** Runs a command to its end; one that fails ends this process with its status. */
export const run = (command, args, { quiet = false, env = {} } = {}) => {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: quiet ? 'pipe' : 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  say(`${command} ${args.join(' ')} failed: ${error?.message ?? signal ?? `exit status ${status}`}`)
  process.exit(status ?? 1)
}

/**
 * Like `run`, but in a process group of its own, which ends as a whole when it takes longer than that: a test file that
 * hangs would be waited for without end.
 * @returns a promise, so that Ctrl-C is heard meanwhile
 */
export const runBounded = async (command, args, minutes) => {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', detached: true })
  const group = child.pid ?? 0
  const endAll = () => process.kill(-group, 'SIGKILL')
  process.on('SIGINT', endAll).on('SIGTERM', endAll)
  const limit = setTimeout(() => {
    say(`not done after ${minutes} minutes; still running:\n${membersOf(group).join('\n')}`)
    endAll()
  }, minutes * 60_000)
  const [status, signal] = await new Promise((ended) => child.on('exit', (...how) => ended(how)))
  clearTimeout(limit)
  process.off('SIGINT', endAll).off('SIGTERM', endAll)
  if (status === 0) return
  say(`${command} failed: ${signal ?? `exit status ${status}`}`)
  process.exit(status ?? 1)
}

const membersOf = (group) =>
  (spawnSync('ps', ['-eo', 'pgid=,args='], { encoding: 'utf8' }).stdout ?? '')
    .split('\n')
    .filter((line) => line.trim().startsWith(`${group} `))
    .map((line) => line.match(/\S+\.test\.ts/g) ?? [])
    // The runner itself has all of them as arguments.
    .flatMap((files) => (files.length === 1 ? files : []))

/** Hands the terminal over to a command, and ends as it ends. */
export const become = (command, args) => {
  const child = spawn(command, args, { cwd: process.cwd(), stdio: 'inherit' })
  // A terminal sends Ctrl-C to the whole group; a service manager signals only this process.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    say(`${command}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (status, signal) => process.exit(status ?? (signal === 'SIGINT' ? 130 : 143)))
}
