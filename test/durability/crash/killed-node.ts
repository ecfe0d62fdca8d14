/** `holdfast serve` as a process that is killed with -9 and started again on the same directory and port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const MAIN = join(ROOT, 'src', 'cli', 'main.ts')
const CONFIG = join(import.meta.dirname, 'crash.config.ts')

export class KilledNode {
  readonly #directory: string
  #child: ChildProcess | undefined
  #port = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** @returns a promise that is fulfilled when it listens, and rejected when it ends before. */
  start(): { readonly listening: Promise<void> } {
    const serve = ['serve', '--data', this.#directory, '--config', CONFIG, '--port', String(this.#port)]
    const child = spawn(process.execPath, ['--conditions', 'holdfast-source', MAIN, ...serve], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const listening = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (url) => {
        this.#port = Number(new URL(url).port)
        resolve()
      })
      child.once('close', (status, signal) => reject(new Error(`it ended with ${status ?? signal}: ${said}`)))
    })
    // Whoever kills it while it starts does not wait for it to listen.
    listening.catch(() => undefined)
    return { listening }
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill(signal)
    await ended
  }
}
