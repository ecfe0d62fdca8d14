/**
 * The load generator, a process of its own: opens connections, counts publications on them, and says how late they came
 * and how busy it was, since a load that is the limit measures itself.
 */
import { performance } from 'node:perf_hooks'
import { type ClientName, CLIENTS } from './clients.ts'
import { FrameCount } from './frames.ts'
import { Wire } from './wire.ts'

export type LoadRequest =
  | {
      readonly kind: 'open'
      readonly client: ClientName
      readonly port: number
      readonly connections: number
      readonly channels: number
    }
  /** Counts from now until so many have come. */
  | { readonly kind: 'count'; readonly deliveries: number }
  /** On every connection `inFlight` messages are under way until `messages` have been answered. */
  | { readonly kind: 'exchange'; readonly inFlight: number; readonly messages: number }
  /** Nothing more is published: what has not come after a while of silence does not come. */
  | { readonly kind: 'finish' }

export type LoadReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open' }
  | { readonly kind: 'counting' }
  | {
      readonly kind: 'exchanged'
      readonly seconds: number
      readonly utilisation: number
      readonly p50Ms: number
      readonly p99Ms: number
    }
  | {
      readonly kind: 'counted'
      readonly deliveries: number
      /** Reads in which publications came: of a poll, its answers. */
      readonly reads: number
      readonly seconds: number
      readonly utilisation: number
      readonly p50Ms: number
      readonly p99Ms: number
    }

/** One chunk of so many is asked how late it is. */
const SAMPLED = 16
/** Connections that are being opened at the same time. */
const AT_ONCE = 50
const SILENCE_MS = 400

const wires: Wire[] = []
let due = Infinity
let delivered = 0
let reads = 0
let lateness: number[] = []
let done = (): void => undefined

const counter = {
  counted(count: number, bytes: Buffer, lastAt: number): void {
    delivered += count
    if (++reads % SAMPLED === 0 && lastAt + 18 <= bytes.length) {
      const at = Number(bytes.latin1Slice(lastAt + 1, lastAt + 18))
      lateness.push(performance.timeOrigin + performance.now() - at)
    }
    if (delivered >= due) done()
  },
}

const openAll = async (request: LoadRequest & { kind: 'open' }): Promise<void> => {
  const { port, connections, channels } = request
  const client = CLIENTS[request.client]
  let left = connections
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const channel = --left % channels
      await new Promise<void>((resolve, reject) => {
        const wire = new Wire({ port, channel }, client, counter, resolve)
        wire.socket.once('error', reject)
        wire.socket.once('close', () => reject(new Error('the server closed a connection')))
        wires.push(wire)
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

const report = (message: LoadReport): void => void process.send?.(message)

const count = async (deliveries: number): Promise<void> => {
  lateness = []
  delivered = 0
  reads = 0
  due = deliveries
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  report({ kind: 'counting' })
  await new Promise<void>((resolve) => (done = resolve))
  lateness.sort((a, b) => a - b)
  const late = (part: number): number => lateness[Math.floor(lateness.length * part)] ?? Number.NaN
  report({
    kind: 'counted',
    deliveries: delivered,
    reads,
    seconds: (performance.now() - began) / 1_000,
    utilisation: performance.eventLoopUtilization(before).utilization,
    p50Ms: late(0.5),
    p99Ms: late(0.99),
  })
}

const exchange = async (inFlight: number, messages: number): Promise<void> => {
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  const lateness: number[] = []
  await Promise.all(wires.map((wire) => exchangeOn(wire, { inFlight, messages, lateness })))
  lateness.sort((a, b) => a - b)
  const late = (part: number): number => lateness[Math.floor(lateness.length * part)] ?? Number.NaN
  report({
    kind: 'exchanged',
    seconds: (performance.now() - began) / 1_000,
    utilisation: performance.eventLoopUtilization(before).utilization,
    p50Ms: late(0.5),
    p99Ms: late(0.99),
  })
}

const exchangeOn = (
  wire: Wire,
  work: { readonly inFlight: number; readonly messages: number; readonly lateness: number[] },
): Promise<void> => {
  const ask = Buffer.from(wire.client.ask as string, 'latin1')
  const window = Buffer.concat(Array.from({ length: work.inFlight }, () => ask))
  const frames = new FrameCount()
  let unsent = work.messages - work.inFlight
  let due = work.messages
  let askedAt = performance.now()
  return new Promise((resolve) => {
    wire.exchange = (bytes) => {
      const answered = frames.count(bytes)
      if (answered === 0) return
      due -= answered
      work.lateness.push(performance.now() - askedAt)
      const next = Math.min(answered, unsent)
      unsent -= next
      askedAt = performance.now()
      if (next > 0) wire.socket.write(window.subarray(0, next * ask.length))
      if (due > 0) return
      wire.exchange = undefined
      resolve()
    }
    wire.socket.write(window)
  })
}

const finish = (): void => {
  let before = delivered
  const watch = setInterval(() => {
    if (delivered === before) {
      clearInterval(watch)
      done()
    }
    before = delivered
  }, SILENCE_MS)
}

process.on('message', (request: LoadRequest) => {
  if (request.kind === 'open') void openAll(request).then(() => report({ kind: 'open' }))
  else if (request.kind === 'count') void count(request.deliveries)
  else if (request.kind === 'exchange') void exchange(request.inFlight, request.messages)
  else finish()
})
process.once('disconnect', () => process.exit(0))
report({ kind: 'ready' })
