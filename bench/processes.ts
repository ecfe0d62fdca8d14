/** The processes of one measurement: a server of whichever runtime, pinned to one core, and a load generator on another. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LoadReport, LoadRequest } from './load/load.ts'
import { cpuSecondsOf, residentBytesOf } from './process-times.ts'

const HERE = import.meta.dirname
const SOURCES = ['--conditions', 'holdfast-source']
const PINS = existsSync('/usr/bin/taskset') && cpus().length > 1

/** What runs a server: this Node, the one that a native addon was built for, or Bun. */
export type Runtime = 'node' | 'node20' | 'bun' | 'python'

const commandOf = (runtime: Runtime): string[] => {
  if (runtime === 'node')
    return [
      process.execPath,
      ...SOURCES,
      '--expose-gc',
      ...(process.env['PROF']
        ? ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', process.env['PROF']]
        : []),
    ]
  if (runtime === 'node20') return ['/usr/bin/node', '--expose-gc']
  if (runtime === 'python') return ['python3']
  return [join(HERE, 'node_modules', 'bun', 'bin', 'bun.exe')]
}

const pinned = (core: number, command: readonly string[]): [string, string[]] => {
  const [program = '', ...args] = PINS ? ['taskset', '-c', String(core), ...command] : command
  return [program, args]
}

export interface Round {
  readonly publications: number
  /** Published in one turn of the server's event loop. */
  readonly burst: number
  readonly intervalMs: number
  readonly bytes: number
  readonly channels: number
}

type ServerRequest = ({ readonly kind: 'round' } & Round) | { readonly kind: 'collect' }
interface Said {
  readonly kind: 'listening' | 'measured' | 'published' | 'collected'
  readonly port?: number
  readonly pid?: number
}

export class Server {
  readonly port: number
  readonly #child: ChildProcess
  readonly #pid: number
  readonly #heard: AsyncIterator<string>

  private constructor(child: ChildProcess, pid: number, port: number, heard: AsyncIterator<string>) {
    this.#child = child
    this.#pid = pid
    this.port = port
    this.#heard = heard
  }

  static async start(file: string, runtime: Runtime, options: readonly string[] = []): Promise<Server> {
    const [program, args] = pinned(0, [
      ...commandOf(runtime),
      join(HERE, 'peers', runtime === 'python' ? `${file}.py` : `${file}.mjs`),
      ...options,
    ])
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const heard = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    let pid = child.pid as number
    for (;;) {
      const said = await hear(heard, file)
      if (said.kind === 'measured') pid = said.pid as number
      if (said.kind === 'listening') return new Server(child, pid, said.port as number, heard)
    }
  }

  get cpuSeconds(): number {
    return cpuSecondsOf(this.#pid)
  }

  get residentBytes(): number {
    return residentBytesOf(this.#pid)
  }

  publish(round: Round): Promise<void> {
    return this.#ask({ kind: 'round', ...round }, 'published')
  }

  collect(): Promise<void> {
    return this.#ask({ kind: 'collect' }, 'collected')
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await exit
  }

  async #ask(request: ServerRequest, answer: Said['kind']): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    while ((await hear(this.#heard, 'the server')).kind !== answer);
  }
}

const hear = async (lines: AsyncIterator<string>, name: string): Promise<Said> => {
  const { done, value } = await lines.next()
  if (done === true) throw new Error(`${name} ended before it was told to`)
  return JSON.parse(value) as Said
}

export class Load {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(): Promise<Load> {
    const child = fork(join(HERE, 'load', 'load.ts'), { execArgv: SOURCES })
    if (PINS) spawn('taskset', ['-cp', '1', String(child.pid)], { stdio: 'ignore' })
    child.once('exit', (status) => {
      if (status !== 0) throw new Error(`the load generator ended with ${status}`)
    })
    await once(child, 'message')
    return new Load(child)
  }

  /** Asks for something; the promise is the first report of that kind. */
  async ask<Kind extends LoadReport['kind']>(
    request: LoadRequest,
    kind: Kind,
  ): Promise<Extract<LoadReport, { kind: Kind }>> {
    const report = this.next(kind)
    this.#child.send(request)
    return report
  }

  next<Kind extends LoadReport['kind']>(kind: Kind): Promise<Extract<LoadReport, { kind: Kind }>> {
    return new Promise((resolve) => {
      const hear = (report: LoadReport): void => {
        if (report.kind !== kind) return
        this.#child.off('message', hear)
        resolve(report as Extract<LoadReport, { kind: Kind }>)
      }
      this.#child.on('message', hear)
    })
  }

  tell(request: LoadRequest): void {
    this.#child.send(request)
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.disconnect()
    await exit
  }
}
