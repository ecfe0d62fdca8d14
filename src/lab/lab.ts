/**
 * The page's lab, on the node: one measurement at a time, and the calls by which a page starts, changes and reads it. It is for a node on loopback in development: who can reach that may start processes here,
 * though never more than one measurement's.
 */
import { randomUUID } from 'node:crypto'
import { CallError, type HoldfastServer } from '../server/index.ts'
import { readKnobs, readRunStart } from './knobs.ts'
import { LabRun } from './lab-run.ts'
import type { RunReading, RunStarted } from './run-reading.ts'

export class Lab {
  /** The last one that waits to start. */
  #latest: symbol | undefined
  #run: LabRun | undefined
  /** Runs start and end one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  /** Answers the page's calls. */
  attach(server: HoldfastServer): void {
    server.handle('lab/start', (params) => this.#start(params))
    server.handle('lab/publish', (params) => this.#find(params).publish())
    server.handle('lab/change', (params) => this.#change(params))
    server.handle('lab/read', (params): Promise<RunReading> => this.#find(params).read())
    server.handle('lab/stop', (params) => this.#stop(this.#find(params)))
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#run !== undefined) await this.#stop(this.#run)
    await this.#turn
  }

  async #start(params: unknown): Promise<RunStarted> {
    const { knobs, origin, takeOver } = understood(() => readRunStart(params))
    if ((this.#run !== undefined || this.#latest !== undefined) && !takeOver)
      throw new CallError('busy: another window is measuring. Stop it there, or take over here.')
    const turn = (this.#latest = Symbol('start'))
    return this.#next(async () => {
      // Of those that wait for their turn only the last one starts anything.
      if (this.#latest !== turn || this.#closed) throw new CallError('ended: another window has taken over.')
      await this.#run?.end()
      const run = new LabRun(randomUUID(), {
        knobs,
        origin,
        over: (ended) => this.#ended(ended),
      })
      this.#run = run
      try {
        return { run: run.id, urls: await run.ready() }
      } catch (error) {
        this.#run = undefined
        await run.end()
        throw new CallError(`failed: the nodes did not start (${(error as Error).message})`)
      } finally {
        if (this.#latest === turn) this.#latest = undefined
      }
    })
  }

  #change(params: unknown): void {
    const { knobs } = (params ?? {}) as { knobs?: unknown }
    const run = this.#find(params)
    run.change(understood(() => readKnobs(knobs)))
  }

  #find(params: unknown): LabRun {
    const { run } = (params ?? {}) as { run?: unknown }
    if (this.#run === undefined || this.#run.id !== run)
      throw new CallError('ended: the measurement is over.')
    return this.#run
  }

  #ended(run: LabRun): void {
    this.#stop(run).catch((error: unknown) => console.error('holdfast: the lab cannot end a run:', error))
  }

  async #stop(run: LabRun): Promise<void> {
    if (this.#run === run) this.#run = undefined
    await this.#next(() => run.end())
  }

  #next<Result>(step: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(step)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

/** What was sent is the page's fault, and said so. */
const understood = <Result>(read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    throw new CallError(`refused: ${(error as Error).message}`)
  }
}
