/** The command line as a process: what it prints, what it is told, how it ends. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Command {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #stderr = ''

  constructor(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.#child = spawn(process.execPath, ['--conditions', 'holdfast-source', MAIN, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    })
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The next line of its standard output. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next()
    if (done === true) throw new Error(`it ended: ${this.#stderr}`)
    return value
  }

  /** Fulfilled when its standard error has said this. */
  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#stderr)) await once(this.#child.stderr, 'data')
  }

  write(text: string): void {
    this.#child.stdin.end(text)
  }

  /** Nobody reads its standard output any more. */
  closeOutput(): void {
    this.#child.stdout.destroy()
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode
    this.#child.kill(signal)
    return this.ended()
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }
}

/** Runs a command to its end. */
export const run = async (
  args: readonly string[],
  input = '',
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> => {
  const child = spawn(process.execPath, ['--conditions', 'holdfast-source', MAIN, ...args], options)
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
  if (child.exitCode === null) await once(child, 'exit')
  return { status: child.exitCode, stdout: stdout.join(''), stderr: stderr.join('') }
}
