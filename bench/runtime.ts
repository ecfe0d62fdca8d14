/** What runs a server: this Node, the one that a native addon was built for, Bun or Python; each process on its core. */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

export type Runtime = 'node' | 'node20' | 'bun' | 'python'

/** Node runs the sources of the project, not what is built of them. */
export const SOURCES = ['--conditions', 'holdfast-source']
/** Whether processes can be kept on a core each. */
export const PINS: boolean = existsSync('/usr/bin/taskset') && cpus().length > 1
export const SERVER_CORE = 0
export const LOAD_CORE = 1

const BUN = join(import.meta.dirname, 'node_modules', 'bun', 'bin', 'bun.exe')
const NODE_20 = '/usr/bin/node'

/** With the environment variable PROF, a directory, a profile of what runs on this Node is left there. */
const profiled = (): string[] => {
  const directory = process.env['PROF']
  return directory ? ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', directory] : []
}

const installed = (program: string): string => {
  if (!existsSync(program)) throw new Error(`${program} is not installed`)
  return program
}

const runtimeOf = (runtime: Runtime): string[] => {
  if (runtime === 'node') return [process.execPath, ...SOURCES, '--expose-gc', ...profiled()]
  if (runtime === 'node20') return [installed(NODE_20), '--expose-gc']
  return runtime === 'python' ? ['python3'] : [installed(BUN)]
}

/** The command that runs a server of `peers/` on the core that is theirs. */
export const commandOf = (peer: string, runtime: Runtime, args: readonly string[]): [string, string[]] => {
  const file = join(import.meta.dirname, 'peers', `${peer}.${runtime === 'python' ? 'py' : 'mjs'}`)
  const pin = PINS ? ['taskset', '-c', String(SERVER_CORE)] : []
  const [program = '', ...rest] = [...pin, ...runtimeOf(runtime), file, ...args]
  return [program, rest]
}
