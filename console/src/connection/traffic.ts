/**
 * Simulated traffic: numbered messages that pages publish at a steady rate into a channel of their own, and what this
 * page has received of the run that is under way, so that a change of transport can be watched losing nothing. Whoever
 * has the panel open sees the runs of others too.
 */
import { useSyncExternalStore } from 'react'
import type { Subscription, TransportName } from 'holdfast'
import { newId } from '../page/ids.ts'
import { type Person, person, personOf } from '../person/person.ts'
import { client } from './client.ts'

export const RATES = [0, 1, 5, 20] as const
export type Rate = (typeof RATES)[number]

/** The latest of a run that are drawn. */
export const MOST_TICKS = 720

const CHANNEL = 'traffic'

export interface Tick {
  readonly number: number
  /** What brought it. */
  readonly via: TransportName
}

export interface Run {
  readonly id: string
  readonly author: string
  readonly received: number
  /** Not the number after the one before it: out of order, or more than once, or one is missing. */
  readonly faults: number
  readonly ticks: readonly Tick[]
}

export interface TrafficState {
  readonly rate: Rate
  /** Of the own run: handed to the client. */
  readonly published: number
  /** Of those, received. */
  readonly delivered: number
  /** The run that something was received of last. */
  readonly run: Run | undefined
  readonly refused: string | undefined
}

interface Simulated {
  readonly run: string
  readonly number: number
  readonly author: Person
}

/** Anyone may publish into the channel: what has another form is nobody's run. */
const simulatedOf = (data: unknown): Simulated | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const { run, number, author } = data as Record<string, unknown>
  const known = personOf(author)
  if (typeof run !== 'string' || run.length > 64 || !Number.isSafeInteger(number) || known === undefined)
    return undefined
  return { run, number: number as number, author: known }
}

class Traffic {
  #state: TrafficState = { rate: 0, published: 0, delivered: 0, run: undefined, refused: undefined }
  #own = newId()
  #timer: ReturnType<typeof setInterval> | undefined
  #subscription: Subscription | undefined
  readonly #listeners = new Set<() => void>()

  get state(): TrafficState {
    return this.#state
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    this.#subscription ??= client.channel(CHANNEL).subscribe(({ data }) => this.#receive(simulatedOf(data)))
    return () => {
      this.#listeners.delete(listener)
      this.#rest()
    }
  }

  /** 0 stops; what is under way is still counted. */
  set(rate: Rate): void {
    clearInterval(this.#timer)
    if (rate > 0 && this.#state.rate === 0) this.#begin()
    this.#change({ rate, refused: undefined })
    if (rate > 0) this.#timer = setInterval(() => this.#publish(), 1_000 / rate)
  }

  #begin(): void {
    this.#own = newId()
    this.#change({ published: 0, delivered: 0 })
  }

  /** Nobody looks, and nothing is sent: then nothing need be received. */
  #rest(): void {
    if (this.#listeners.size > 0 || this.#state.rate > 0) return
    this.#subscription?.close()
    this.#subscription = undefined
  }

  #publish(): void {
    const number = this.#state.published + 1
    this.#change({ published: number })
    const simulated: Simulated = { run: this.#own, number, author: person() }
    client
      .channel(CHANNEL)
      .publish(simulated)
      .catch((error: unknown) => {
        clearInterval(this.#timer)
        this.#change({ rate: 0, refused: (error as Error).message })
      })
  }

  #receive(simulated: Simulated | undefined): void {
    if (simulated === undefined) return
    const { run: id, number, author } = simulated
    const known = this.#state.run?.id === id ? this.#state.run : undefined
    const before = known?.ticks.at(-1)?.number
    const tick: Tick = { number, via: client.state.transport }
    const run: Run = {
      id,
      author: author.name,
      received: (known?.received ?? 0) + 1,
      faults: (known?.faults ?? 0) + (before === undefined || number === before + 1 ? 0 : 1),
      ticks: [...(known?.ticks ?? []), tick].slice(-MOST_TICKS),
    }
    this.#change({ run, ...(id === this.#own && { delivered: this.#state.delivered + 1 }) })
  }

  #change(change: Partial<TrafficState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

export const traffic = new Traffic()

export const useTraffic = (): TrafficState => useSyncExternalStore(traffic.listen, () => traffic.state)
