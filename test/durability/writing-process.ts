/** The writer as a process that can be killed, or run under another program; and what it said. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const WRITER = join(import.meta.dirname, 'writer.ts')

export interface Line {
  readonly kind: 'open' | 'appended' | 'failed' | 'read' | 'afterwards' | 'closed'
  readonly id?: string
  readonly seq?: number
  readonly channel?: string
  readonly offset?: number
  readonly top?: number
  readonly entries?: number
  readonly message?: string
  readonly afterwards?: string
}

export class WritingProcess {
  readonly lines: Line[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<unknown>
  #heard: { readonly holds: (line: Line) => boolean; readonly resolve: () => void } | undefined
  #stderr = ''

  /** @param under a program and its arguments that the process is run by. */
  constructor(
    work: { directory: string; publishers?: number; bytes?: number },
    under: readonly string[] = [],
  ) {
    const { directory, publishers = 1, bytes = 20 } = work
    const node = [process.execPath, '--conditions', 'holdfast-source', WRITER]
    const [command, ...args] = [...under, ...node, directory, String(publishers), String(bytes)]
    this.#child = spawn(command as string, args)
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    // What it wrote is read to its end before it counts as ended.
    this.#ended = once(this.#child, 'close')
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#hear(text))
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Fulfilled by the first line from now on that fulfils `holds`. @throws when the process ends before */
  async said(holds: (line: Line) => boolean): Promise<void> {
    const heard = new Promise<void>((resolve) => (this.#heard = { holds, resolve }))
    const ended = this.#ended.then(() => {
      throw new Error(`it ended: ${this.#stderr}`)
    })
    await Promise.race([heard, ended])
    // Whoever waited for a line does not wait for the end.
    ended.catch(() => undefined)
  }

  stop(): void {
    this.#child.stdin.write('stop\n')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async ended(): Promise<void> {
    await this.#ended
  }

  get appended(): Line[] {
    return this.lines.filter(({ kind }) => kind === 'appended')
  }

  get failed(): Line[] {
    return this.lines.filter(({ kind }) => kind === 'failed')
  }

  #hear(text: string): void {
    let line: Line
    try {
      line = JSON.parse(text) as Line
    } catch {
      return // The last line of a process that was killed.
    }
    this.lines.push(line)
    if (this.#heard?.holds(line) !== true) return
    this.#heard.resolve()
    this.#heard = undefined
  }
}
