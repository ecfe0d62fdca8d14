/**
 * The ends of the logs that somebody watches, in the node's memory: lent to the hub, so that what was just
 * published goes to subscribers without a question to the store. Every change of a log comes through this process,
 * so a tail that is moved by every answer is never behind. It holds no more than a bound in bytes.
 */
import { type AppendRequest, Log, type Move, type Tail } from '../../channel/index.ts'
import type { TailEnd } from './answers.ts'

export type Moved = (move: Move) => void

interface Watched {
  readonly listeners: Set<Moved>
  log: Log | undefined
}

/** What an append was answered. */
export interface AppendedEntries {
  readonly request: AppendRequest
  readonly first: number
  readonly time: number
  readonly stamps: readonly string[]
}

export class Tails {
  readonly #watched = new Map<string, Watched>()
  readonly #tailBytes: number

  constructor(tailBytes: number) {
    this.#tailBytes = tailBytes
  }

  /** Channels that are watched. */
  names(): string[] {
    return [...this.#watched.keys()]
  }

  /** @returns a function that ends the watch. */
  watch(channel: string, moved: Moved): () => void {
    const watched = this.#watched.get(channel) ?? { listeners: new Set(), log: undefined }
    this.#watched.set(channel, watched)
    // A function of its own: the same listener may be given twice.
    const listener: Moved = (move) => moved(move)
    watched.listeners.add(listener)
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size === 0 && this.#watched.get(channel) === watched)
        this.#watched.delete(channel)
    }
  }

  tail(channel: string): Tail | undefined {
    return this.#watched.get(channel)?.log
  }

  /** The end of a log as the store has it: where a tail begins, and what it is compared with after a loss. */
  stored(channel: string, stored: TailEnd | undefined): void {
    const watched = this.#watched.get(channel)
    if (watched === undefined || stored === undefined) return
    const { at: move, after, publications } = stored
    const known = watched.log
    const before = known === undefined ? undefined : boundsOf(known)
    const behind = known?.epoch === move.epoch && known.top >= after && known.top <= move.top
    const log = behind ? known : new Log(move.epoch, after)
    for (const publication of publications) if (publication.offset > log.top) log.append(publication)
    this.#moveTo(watched, log, move)
    if (before !== undefined && before !== boundsOf(log)) tell(watched, move)
  }

  /** A log has moved; what was appended to it, where that is why. */
  moved(channel: string, move: Move, appended?: AppendedEntries): void {
    const watched = this.#watched.get(channel)
    if (watched === undefined) return
    const before = appended === undefined ? move.top : appended.first - 1
    const known = watched.log
    const log = known?.epoch === move.epoch && known.top === before ? known : new Log(move.epoch, before)
    if (appended !== undefined) append(log, appended)
    this.#moveTo(watched, log, move)
    tell(watched, move)
  }

  dispose(): void {
    this.#watched.clear()
  }

  #moveTo(watched: Watched, log: Log, move: Move): void {
    watched.log = log
    log.trim(move.floor)
    log.retain({ count: Infinity, ageMs: Infinity, bytes: this.#tailBytes }, 0)
    log.status = move.status
  }
}

const boundsOf = ({ epoch, top, status }: Log): string => `${epoch} ${top} ${status}`

const tell = (watched: Watched, move: Move): void => {
  for (const listener of watched.listeners) listener(move)
}

const append = (log: Log, { request, time, stamps }: AppendedEntries): void => {
  const { producer } = request
  const by =
    producer === undefined ? undefined : { id: producer.id, epoch: producer.epoch, seq: producer.seq }
  for (const [index, { data, key, remove }] of request.entries.entries()) {
    log.append({
      offset: log.top + 1,
      time,
      data,
      key,
      removed: remove === true,
      producer: by,
      stamp: stamps[index],
    })
  }
}
