/** A client that polls: it asks, takes an answer whole, and asks again from where that one ended. */
import { wholeAnswer } from './http.ts'
import type { Client, Wire } from './wire.ts'

export interface Poller {
  /** The next request; empty where there is none. */
  ask(wire: Wire): string
  /** Takes from an answer what the next request needs. */
  answered?(wire: Wire, answer: string): void
  /** How long it waits before it asks again, milliseconds. */
  readonly pauseMs?: number
  /** What is asked first, one after the other, each answered at once. */
  readonly opens?: readonly ((wire: Wire) => string)[]
}

export const polling = (poller: Poller): Client => {
  const ask = (wire: Wire): void => {
    const request = poller.ask(wire)
    if (request !== '') wire.send(request)
  }
  const next = (wire: Wire): void => {
    const open = poller.opens?.[wire.step++]
    if (open !== undefined) return wire.send(open(wire))
    wire.ready()
    ask(wire)
  }
  return {
    open: next,
    opening: (wire, text) => {
      if (wholeAnswer(text) === 0) return
      if (!/^HTTP\/1.1 2/.test(text)) throw new Error(`refused: ${text}`)
      poller.answered?.(wire, text)
      wire.text = ''
      next(wire)
    },
    received: (wire, bytes) => {
      wire.text += bytes.toString('latin1')
      if (wholeAnswer(wire.text) === 0) return
      const answer = wire.text
      wire.text = ''
      poller.answered?.(wire, answer)
      if (poller.pauseMs === undefined) ask(wire)
      else setTimeout(ask, poller.pauseMs, wire)
    },
  }
}
