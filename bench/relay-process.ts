/** A relay in front of a server, whose clients can be made to stop reading; see load/relay.py. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export class RelayProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(serverPort: number, deadline: AbortSignal): Promise<RelayProcess> {
    const file = join(import.meta.dirname, 'load', 'relay.py')
    const child = spawn('python3', [file, String(serverPort)], { stdio: ['pipe', 'pipe', 'inherit'] })
    deadline.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
    for await (const line of createInterface({ input: child.stdout }))
      return new RelayProcess(child, Number(line))
    throw new Error('the relay ended before it was told to')
  }

  /** From now on nothing is read from the server. */
  stopReading(): void {
    this.#child.stdin?.write('stop\n')
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    // It may be waiting for somebody to read.
    this.#child.kill('SIGKILL')
    await exit
  }
}
