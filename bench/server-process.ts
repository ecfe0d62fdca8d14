/**
 * A server under measurement: a process of whichever runtime, told by its standard input what to do. When the deadline of
 * its measurement passes it is killed with all that it started, and whoever waits for it hears that.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { cpuSecondsOf, residentBytesOf } from './process-times.ts'
import { commandOf, type Runtime } from './runtime.ts'
import type { Settings } from './settings.ts'

export interface Round {
  readonly publications: number
  /** Published in one turn of the server's event loop. */
  readonly burst: number
  readonly intervalMs: number
  readonly bytes: number
  /** What an application would compress, or filler. */
  readonly content: 'filler' | 'trades'
  /** Published to in turn. */
  readonly channels: number
}

type ServerRequest = ({ readonly kind: 'round' } & Round) | { readonly kind: 'collect' }
interface Said {
  readonly kind: 'listening' | 'measured' | 'published' | 'collected'
  readonly port?: number
  readonly pid?: number
}

/** How long a server may take to end. */
const END_MS = 3_000

export class ServerProcess {
  readonly port: number
  readonly #child: ChildProcess
  readonly #pid: number
  readonly #heard: AsyncIterator<string>

  private constructor(child: ChildProcess, said: Required<Omit<Said, 'kind'>>, heard: AsyncIterator<string>) {
    this.#child = child
    this.#pid = said.pid
    this.port = said.port
    this.#heard = heard
  }

  static async start(
    peer: string,
    options: { readonly runtime: Runtime; readonly settings: Settings },
    deadline: AbortSignal,
  ): Promise<ServerProcess> {
    const [program, args] = commandOf(peer, options.runtime, [JSON.stringify(options.settings)])
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    child.once('error', () => undefined)
    child.stdin.on('error', () => undefined)
    deadline.addEventListener('abort', () => killGroup(child), { once: true })
    const heard = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    let pid = child.pid ?? 0
    for (;;) {
      const said = await hear(heard, peer)
      if (said.kind === 'measured') pid = said.pid ?? pid
      if (said.kind === 'listening') return new ServerProcess(child, { pid, port: said.port ?? 0 }, heard)
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

  /** Garbage is let go of, so that what the process holds is what it needs. */
  collect(): Promise<void> {
    return this.#ask({ kind: 'collect' }, 'collected')
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    const timer = setTimeout(killGroup, END_MS, this.#child)
    this.#child.stdin?.end()
    await exit
    clearTimeout(timer)
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

/** Kills a server and what it has started: nginx has a process of its own. */
const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, 'SIGKILL')
}
