/** Asks on every connection and is answered, with so many messages under way on each at any time. */
import { performance } from 'node:perf_hooks'
import { FrameCount } from './frames.ts'
import { type Late, lateOf } from './lateness.ts'
import { beginSpan, type Spent } from './span.ts'
import type { Wire } from './wire.ts'

export interface Exchange {
  readonly inFlight: number
  /** On each connection. */
  readonly messages: number
}

export const exchange = async (wires: readonly Wire[], work: Exchange): Promise<Spent & Late> => {
  const spent = beginSpan()
  const lateMs: number[] = []
  await Promise.all(wires.map((wire) => exchangeOn(wire, work, lateMs)))
  return { ...spent(), ...lateOf(lateMs) }
}

const exchangeOn = (wire: Wire, { inFlight, messages }: Exchange, lateMs: number[]): Promise<void> => {
  const ask = Buffer.from(wire.client.ask ?? '', 'latin1')
  const window = Buffer.concat(Array.from({ length: inFlight }, () => ask))
  const frames = new FrameCount()
  /** When those that are under way were asked, in a ring: answers come in the order of asking. */
  const askedMs = new Float64Array(inFlight).fill(performance.now())
  let asked = inFlight
  let answered = 0
  return new Promise((resolve) => {
    wire.exchange = (bytes) => {
      const more = frames.count(bytes)
      if (more === 0) return
      answered += more
      const now = performance.now()
      lateMs.push(now - (askedMs[(answered - 1) % inFlight] as number))
      const next = Math.min(more, messages - asked)
      for (let at = asked; at < asked + next; at++) askedMs[at % inFlight] = now
      asked += next
      if (next > 0) wire.socket.write(window.subarray(0, next * ask.length))
      if (answered < messages) return
      wire.exchange = undefined
      resolve()
    }
    wire.socket.write(window)
  })
}
