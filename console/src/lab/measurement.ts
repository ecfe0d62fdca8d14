/**
 * One measurement as the page sees it: it has the node start its processes, follows them with four clients, reads what
 * the servers have spent, and shows numbers twice a second. Since every change of a knob begins them anew, they are those
 * of the network as it is now.
 */
import type { Client, ClientState, TransportName } from 'holdfast'
import type { Knobs, Phase, RunReading, RunStarted } from 'holdfast/lab'
import { Histogram } from 'holdfast/lab'
import { TRANSPORTS } from '../connection/transports.ts'
import { LaneClient } from './lane-client.ts'
import { MachineClock } from './machine-clock.ts'
import { Trail } from './trail.ts'

export interface PageKnobs extends Knobs {
  /** Regular polling asks this often; the page's own business. */
  readonly pollIntervalMs: number
}

export const START_KNOBS: PageKnobs = {
  perSecond: 10,
  payloadBytes: 128,
  publications: 300,
  pollIntervalMs: 1_000,
  delayMs: 0,
  cutEverySeconds: 0,
  buffering: false,
  noUpgrade: false,
}

export interface LaneState {
  readonly client: Pick<ClientState, 'status' | 'transport' | 'wanted' | 'why' | 'error'>
  /** Since the last change of a knob. */
  readonly phase: Phase
  /** Of the whole run; bytes since the node was started. */
  readonly bytes: number
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
}

export type Stage = 'ready' | 'starting' | 'connecting' | 'running' | 'over' | 'failed'

export interface LabState {
  readonly stage: Stage
  readonly knobs: PageKnobs
  readonly published: number
  readonly seconds: number
  readonly lanes: Readonly<Record<TransportName, LaneState>> | undefined
  readonly failure: { readonly text: string; readonly mayTakeOver: boolean } | undefined
  readonly uncertaintyMs: number
}

const READ_MS = 500
const PLOT_MS = 500
const SAMPLES = 6
/** Clients that a network does not let through are not waited for. */
const FOLLOW_MS = 6_000
/** What was published last may be this late, beyond a poll's interval. */
const DRAIN_MS = 6_000

interface Mark {
  readonly reading: RunReading
  readonly atMs: number
  readonly delivered: ReadonlyMap<TransportName, number>
}

export class Measurement {
  readonly trail = new Trail(TRANSPORTS)
  readonly #client: Client
  readonly #listeners = new Set<() => void>()
  #state: LabState = {
    stage: 'ready',
    knobs: START_KNOBS,
    published: 0,
    seconds: 0,
    lanes: undefined,
    failure: undefined,
    uncertaintyMs: 0,
  }
  #lanes: readonly LaneClient[] = []
  #clock = new MachineClock()
  #run: string | undefined
  #mark: Mark | undefined
  #latest: RunReading | undefined
  #startedMs = 0
  #publishedAllMs = 0
  #reading = false
  #timers: ReturnType<typeof setInterval>[] = []
  /** Counts starts and stops, so that what comes late does nothing. */
  #turn = 0

  constructor(client: Client) {
    this.#client = client
  }

  get state(): LabState {
    return this.#state
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async start(takeOver = false): Promise<void> {
    this.stop()
    const turn = ++this.#turn
    const { pollIntervalMs, ...knobs } = this.#state.knobs
    this.#change({ stage: 'starting', failure: undefined, lanes: undefined, published: 0, seconds: 0 })
    this.trail.clear()
    try {
      const asked = { origin: location.origin, knobs, takeOver }
      const { run, urls } = (await this.#client.call('lab/start', asked, { timeoutMs: 60_000 })) as RunStarted
      if (turn !== this.#turn) return this.#leave(run)
      this.#run = run
      this.#change({ stage: 'connecting' })
      this.#clock = new MachineClock()
      for (let left = SAMPLES; left > 0; left--) await this.#sample(run)
      if (turn !== this.#turn) return
      const now = (): number => this.#clock.now()
      this.#lanes = TRANSPORTS.map(
        (transport) => new LaneClient({ url: urls[transport], transport, pollIntervalMs, now }),
      )
      // Read meanwhile too: that keeps the run, and shows who comes through.
      this.#timers.push(setInterval(() => void this.#read(turn), READ_MS))
      await Promise.race([Promise.all(this.#lanes.map((lane) => lane.following)), after(FOLLOW_MS)])
      if (turn !== this.#turn) return
      await this.#client.call('lab/publish', { run })
      this.#startedMs = performance.now()
      this.#publishedAllMs = 0
      this.#setMark((await this.#sample(run)) ?? this.#latest)
      this.#timers.push(setInterval(() => this.#plot(), PLOT_MS))
      if (turn === this.#turn) this.#change({ stage: 'running' })
    } catch (error) {
      if (turn === this.#turn) this.#fail(error)
    }
  }

  /** Ends it; what was measured stays. */
  stop(): void {
    this.#turn++
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    for (const lane of this.#lanes) lane.close()
    const run = this.#run
    this.#run = undefined
    if (run !== undefined) this.#leave(run)
    const { stage } = this.#state
    if (stage === 'running') this.#change({ stage: 'over' })
    else if (stage === 'starting' || stage === 'connecting') this.#change({ stage: 'ready' })
  }

  set(change: Partial<PageKnobs>): void {
    const knobs = { ...this.#state.knobs, ...change }
    this.#change({ knobs })
    const run = this.#run
    if (run === undefined || this.#state.stage === 'starting') return
    const { pollIntervalMs, ...asked } = change
    if (pollIntervalMs !== undefined) for (const lane of this.#lanes) lane.setPollInterval(pollIntervalMs)
    const turn = this.#turn
    const told =
      Object.keys(asked).length === 0
        ? Promise.resolve()
        : this.#client.call('lab/change', { run, knobs: asked })
    told.then(
      () => (this.#state.stage === 'running' && turn === this.#turn ? this.#remark(turn) : undefined),
      (error: unknown) => turn === this.#turn && this.#fail(error),
    )
  }

  /** Leaves a lane's client to choose its transport. */
  chooseItself(transport: TransportName): void {
    this.#lanes.find((lane) => lane.transport === transport)?.chooseItself()
  }

  #leave(run: string): void {
    this.#client.call('lab/stop', { run }).catch(() => undefined)
  }

  async #sample(run: string): Promise<RunReading | undefined> {
    let reading: RunReading | undefined
    await this.#clock.sample(async () => {
      reading = (await this.#client.call('lab/read', { run })) as RunReading
      return reading.clockMicros
    })
    return reading
  }

  async #read(turn: number): Promise<void> {
    const run = this.#run
    // A node that is slow to answer is not asked twice at once.
    if (run === undefined || this.#reading) return
    this.#reading = true
    try {
      const reading = await this.#sample(run)
      if (turn !== this.#turn || reading === undefined) return
      this.#latest = reading
      this.#show(reading)
      if (this.#isOver(reading)) this.stop()
    } catch (error) {
      if (turn === this.#turn && this.#client.state.status === 'connected') this.#fail(error)
    } finally {
      this.#reading = false
    }
  }

  async #remark(turn: number): Promise<void> {
    const reading = this.#run === undefined ? undefined : await this.#sample(this.#run).catch(() => undefined)
    if (turn === this.#turn) this.#setMark(reading)
  }

  #setMark(reading: RunReading | undefined): void {
    if (reading === undefined) return
    for (const lane of this.#lanes) lane.mark()
    const delivered = new Map(this.#lanes.map((lane) => [lane.transport, lane.check.delivered]))
    this.#mark = { reading, atMs: performance.now(), delivered }
  }

  #isOver({ nodes }: RunReading): boolean {
    const { publications, pollIntervalMs } = this.#state.knobs
    if (this.#state.stage !== 'running' || TRANSPORTS.some((each) => nodes[each].published < publications))
      return false
    this.#publishedAllMs ||= performance.now()
    const waits = this.#lanes.some(
      ({ check, state }) => state.status === 'connected' && check.delivered < publications,
    )
    return !waits || performance.now() - this.#publishedAllMs > DRAIN_MS + pollIntervalMs
  }

  #plot(): void {
    const seconds = (performance.now() - this.#startedMs) / 1_000
    this.trail.add(
      seconds,
      this.#lanes.map((lane) => lane.takeRecent()),
    )
  }

  #show(reading: RunReading): void {
    const published = Math.max(...TRANSPORTS.map((each) => reading.nodes[each].published))
    const lanes = Object.fromEntries(
      this.#lanes.map((lane) => [lane.transport, this.#laneState(lane, reading)]),
    )
    this.#change({
      published,
      seconds: this.#startedMs === 0 ? 0 : (performance.now() - this.#startedMs) / 1_000,
      lanes: lanes as Record<TransportName, LaneState>,
      uncertaintyMs: this.#clock.uncertaintyMs,
    })
  }

  #laneState(lane: LaneClient, reading: RunReading): LaneState {
    const { transport, check, state, latency } = lane
    const { status, why, wanted, error } = state
    const mark = this.#mark
    const from = mark?.reading.nodes[transport] ?? reading.nodes[transport]
    const to = reading.nodes[transport]
    const control = reading.controlMicros - (mark?.reading.controlMicros ?? reading.controlMicros)
    const late = this.#publishedAllMs > 0 && performance.now() - this.#publishedAllMs > DRAIN_MS
    const lost = late && status === 'connected' ? to.published - check.delivered : check.lost
    return {
      client: { status, transport: state.transport, wanted, why, error },
      phase: {
        perSecond: this.#state.knobs.perSecond,
        seconds: mark === undefined ? 0 : (performance.now() - mark.atMs) / 1_000,
        publications: to.published - from.published,
        deliveries: check.delivered - (mark?.delivered.get(transport) ?? 0),
        requests: to.requests - from.requests,
        bytesRead: to.bytesRead - from.bytesRead,
        bytesWritten: to.bytesWritten - from.bytesWritten,
        cpuMicros: Math.max(0, to.cpuMicros - from.cpuMicros - control),
        latency: latency.percentiles(),
        travel: new Histogram().percentiles(),
        lost,
        duplicated: check.duplicated,
      },
      bytes: to.bytesRead + to.bytesWritten,
      delivered: check.delivered,
      lost,
      duplicated: check.duplicated,
    }
  }

  #fail(error: unknown): void {
    this.stop()
    const { code, message } = error as { code?: string; message: string }
    const mayTakeOver = message.includes('busy:')
    const text =
      code === 'unknown_method'
        ? 'This node runs no measurements. The lab works on a node for development: holdfast serve, on this machine, without authenticate.'
        : message.replace(/^.*?\b(busy|ended|failed|refused): /, '')
    this.#change({
      stage: 'failed',
      failure: { text: text.charAt(0).toUpperCase() + text.slice(1), mayTakeOver },
    })
  }

  #change(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
