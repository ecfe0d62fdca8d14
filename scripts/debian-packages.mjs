/**
 * The programs that tests use as they are: browsers, proxies and other people's WebSocket libraries. On Debian,
 * as root, what is missing is installed; elsewhere it is named. In CI nothing is skipped.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run, say } from './bootstrap.mjs'

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

const PROGRAMS = [
  { name: 'chromium', debian: 'chromium', present: () => works('/usr/bin/chromium', ['--version']) },
  {
    name: 'chromium-headless-shell',
    debian: 'chromium-headless-shell',
    present: () => works('/usr/bin/chromium-headless-shell', ['--version']),
  },
  {
    name: 'python3-websockets',
    debian: 'python3-websockets',
    present: () => works('/usr/bin/python3', ['-c', 'import websockets']),
  },
  { name: 'curl', debian: 'curl', present: () => works('curl', ['--version']) },
  { name: 'strace', debian: 'strace', present: () => works('strace', ['-V']) },
  { name: 'ss', debian: 'iproute2', present: () => works('ss', ['-V']) },
  {
    name: 'python3-aiohttp',
    debian: 'python3-aiohttp',
    present: () => works('/usr/bin/python3', ['-c', 'import aiohttp']),
  },
  { name: 'nginx', debian: 'nginx-light', present: () => works('nginx', ['-v']) },
  { name: 'haproxy', debian: 'haproxy', present: () => works('haproxy', ['-v']) },
  { name: 'openssl', debian: 'openssl', present: () => works('openssl', ['version']) },
]

/** Installs what is missing where it may. @returns the names of what is still missing. */
export const ensurePrograms = () => {
  const missing = PROGRAMS.filter((program) => !program.present())
  if (missing.length === 0) return []
  const mayInstall =
    process.getuid?.() === 0 &&
    existsSync('/etc/debian_version') &&
    process.env.HOLDFAST_NO_INSTALL === undefined
  if (mayInstall) {
    const packages = missing.map((program) => program.debian)
    say(`Installing ${packages.join(', ')} …`)
    run('apt-get', ['update', '-qq'], { quiet: true })
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      quiet: true,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
    return []
  }
  const names = missing.map((program) => program.name)
  say(`Missing: ${names.join(', ')}. Their tests cannot run. On Debian: apt-get install ${names.join(' ')}`)
  if (process.env.CI !== undefined) process.exit(1)
  return names
}
