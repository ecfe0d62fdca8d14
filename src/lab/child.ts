/**
 * A process beside this one, from source or from the build, and questions to it that are answered in turn. It ends when
 * it is told to, or with this process; what it was asked and has not answered is then rejected.
 */
import { type ChildProcess, fork } from 'node:child_process'

interface Numbered {
  readonly kind: string
  readonly id?: number
}

export class ChildError extends Error {
  readonly code: 'child_ended' = 'child_ended'
}

export class Child<Order extends object, Reading> {
  /** Ended by itself, though it was not told to. */
  readonly lost: Promise<never>
  readonly #process: ChildProcess
  readonly #asked = new Map<number, PromiseWithResolvers<Reading>>()
  readonly #ready = Promise.withResolvers<unknown>()
  readonly #lost = Promise.withResolvers<never>()
  readonly #exited: Promise<void>
  #ids = 0
  #ending = false

  /** @param name of the file beside this one, without its ending. @param settings for it, as JSON. */
  constructor(name: string, settings: object) {
    // A .ts source under type stripping, a .js file once built.
    const url = new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
    this.lost = this.#lost.promise
    this.lost.catch(() => undefined)
    this.#ready.promise.catch(() => undefined)
    this.#process = fork(url, [JSON.stringify(settings)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message: Numbered) => this.#receive(message))
    this.#process.on('error', () => undefined)
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (status, signal) => {
        this.#end(new ChildError(`${name} ended (${signal ?? `status ${status}`})`))
        resolve()
      })
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** What it said when it was ready. @throws ChildError */
  ready<Ready>(): Promise<Ready> {
    return this.#ready.promise as Promise<Ready>
  }

  tell(order: Order): void {
    if (this.#process.connected) this.#process.send(order)
  }

  /** @throws ChildError */
  read(): Promise<Reading> {
    const id = ++this.#ids
    const asked = Promise.withResolvers<Reading>()
    if (!this.#process.connected) return Promise.reject(new ChildError('the process has ended'))
    this.#asked.set(id, asked)
    this.#process.send({ kind: 'read', id })
    return asked.promise
  }

  /** Ends it, and waits until it has. */
  async end(): Promise<void> {
    this.#ending = true
    if (this.#process.connected) this.#process.disconnect()
    else this.#process.kill('SIGKILL')
    await this.#exited
  }

  #receive(message: Numbered): void {
    if (message.kind === 'ready') return this.#ready.resolve(message)
    const asked = this.#asked.get(message.id ?? 0)
    this.#asked.delete(message.id ?? 0)
    asked?.resolve((message as unknown as { reading: Reading }).reading)
  }

  #end(why: ChildError): void {
    this.#ready.reject(why)
    for (const asked of this.#asked.values()) asked.reject(why)
    this.#asked.clear()
    if (!this.#ending) this.#lost.reject(why)
  }
}
