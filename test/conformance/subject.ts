// What is tested: a `holdfast echo` process, as a user would start it, as a server or as a client.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MAX_FRAGMENTS, MAX_PAYLOAD_BYTES } from './cases/limits.ts'

const MAIN = fileURLToPath(import.meta.resolve('../../src/cli/main.ts'))
const LIMITS = ['--max-payload', String(MAX_PAYLOAD_BYTES), '--max-fragments', String(MAX_FRAGMENTS)]

export class Subject {
  readonly lines: AsyncIterator<string>
  private readonly child: ChildProcess

  constructor(args: readonly string[]) {
    const command = ['--conditions', 'holdfast-source', MAIN, 'echo', ...LIMITS, ...args]
    this.child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  /** The next line of its output. */
  async line(): Promise<string> {
    const { done, value } = await this.lines.next()
    if (done === true) throw new Error('the subject ended before it said more')
    return value
  }

  /** Its exit code. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
    return this.child.exitCode
  }

  /** Asks it to end. @returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) this.child.kill('SIGTERM')
    return this.ended()
  }
}

/** An echo server that listens. */
export async function startServer(args: readonly string[]): Promise<{ subject: Subject; url: URL }> {
  const subject = new Subject(['--port', '0', ...args])
  const line = await subject.line()
  const url = /^listening on (\S+)$/.exec(line)?.[1]
  if (url === undefined) throw new Error(`the subject said "${line}"`)
  return { subject, url: new URL(url) }
}
