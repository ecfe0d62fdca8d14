/**
 * Simulated traffic: numbered messages that this page publishes into a room at a steady rate, and a count of those
 * that have come back, so that a change of transport can be watched losing nothing.
 */
import { useSyncExternalStore } from 'react'
import type { Room } from '../chat/room.ts'
import type { Entry } from '../chat/timeline.ts'
import { person } from '../person/person.ts'
import { newId } from '../page/ids.ts'

export const RATES = [0, 1, 5, 20] as const
export type Rate = (typeof RATES)[number]

export interface TrafficState {
  readonly room: string | undefined
  readonly rate: Rate
  /** Handed to the client. */
  readonly published: number
  /** Of those, seen in the room. */
  readonly delivered: number
  /** Seen more than once. */
  readonly repeated: number
  /** Seen after one with a higher number. */
  readonly disordered: number
  readonly refused: string | undefined
}

const IDLE: TrafficState = {
  room: undefined,
  rate: 0,
  published: 0,
  delivered: 0,
  repeated: 0,
  disordered: 0,
  refused: undefined,
}

class Traffic {
  #state: TrafficState = IDLE
  #run = newId()
  #seen = new Set<number>()
  #highest = 0
  #room: Room | undefined
  #unwatch = (): void => {}
  #timer: ReturnType<typeof setInterval> | undefined
  readonly #listeners = new Set<() => void>()

  get state(): TrafficState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** 0 stops; what is under way is still counted. */
  set(room: Room, rate: Rate): void {
    clearInterval(this.#timer)
    if (this.#room !== room) this.#follow(room)
    this.#change({ rate, refused: undefined })
    if (rate > 0) this.#timer = setInterval(() => this.#publish(room), 1_000 / rate)
  }

  #follow(room: Room): void {
    this.#unwatch()
    this.#room = room
    this.#run = newId()
    this.#seen = new Set()
    this.#highest = 0
    this.#state = { ...IDLE, room: room.name }
    this.#unwatch = room.watch((entry) => this.#count(entry))
  }

  #publish(room: Room): void {
    const number = this.#state.published + 1
    this.#change({ published: number })
    room.publishSimulated(person(), { run: this.#run, number }).catch((error: unknown) => {
      clearInterval(this.#timer)
      this.#change({ rate: 0, refused: (error as Error).message })
    })
  }

  #count({ simulated }: Entry): void {
    if (simulated?.run !== this.#run) return
    const { number } = simulated
    const { delivered, repeated, disordered } = this.#state
    if (this.#seen.has(number)) return this.#change({ repeated: repeated + 1 })
    this.#seen.add(number)
    this.#change({ delivered: delivered + 1, disordered: disordered + (number < this.#highest ? 1 : 0) })
    this.#highest = Math.max(this.#highest, number)
  }

  #change(change: Partial<TrafficState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

export const traffic = new Traffic()

export const useTraffic = (): TrafficState =>
  useSyncExternalStore(
    (listener) => traffic.listen(listener),
    () => traffic.state,
  )
