/** The load generator, a process of its own on a core of its own; one that ends early ends the waiting for it. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadReport, LoadRequest } from './load/load.ts'
import { LOAD_CORE, PINS, SOURCES } from './runtime.ts'

export class LoadProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(deadline: AbortSignal): Promise<LoadProcess> {
    deadline.throwIfAborted()
    const child = fork(join(import.meta.dirname, 'load', 'load.ts'), { execArgv: SOURCES })
    if (PINS) spawn('taskset', ['-cp', String(LOAD_CORE), String(child.pid)], { stdio: 'ignore' })
    deadline.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
    const load = new LoadProcess(child)
    await load.next('ready')
    return load
  }

  /** Asks for something; the promise is the first report of that kind. */
  async ask<Kind extends LoadReport['kind']>(
    request: LoadRequest,
    kind: Kind,
  ): Promise<Extract<LoadReport, { kind: Kind }>> {
    const report = this.next(kind)
    this.tell(request)
    return report
  }

  next<Kind extends LoadReport['kind']>(kind: Kind): Promise<Extract<LoadReport, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const hear = (report: LoadReport): void => {
        if (report.kind !== kind) return
        this.#child.off('message', hear).off('exit', ended)
        resolve(report as Extract<LoadReport, { kind: Kind }>)
      }
      const ended = (): void => reject(new Error('the load generator ended before it was told to'))
      this.#child.on('message', hear).once('exit', ended)
      if (this.#hasEnded) ended()
    })
  }

  tell(request: LoadRequest): void {
    if (this.#child.connected) this.#child.send(request)
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return
    const exit = once(this.#child, 'exit')
    this.#child.disconnect()
    await exit
  }
}
