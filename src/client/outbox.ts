/**
 * Everything that waits to be published, bounded, in one lane per channel. It decides what may be sent now, and
 * under which id an answer belongs to which lane; how a command travels is not its business.
 */
import { type Published, type WireError } from '../protocol/index.ts'
import { type HoldfastError, PublishError } from './errors.ts'
import { type Entry, Lane, type LaneCommand } from './lane.ts'
import type { Outgoing } from './transports/transport.ts'

export interface OutboxOptions {
  /** Names this client to the ledgers; random. */
  readonly producerId: string
  /** Publications that may wait. */
  readonly maxCount: number
  /** And their bytes. */
  readonly maxBytes: number
  nextId(): number
  /** A lane must rest before it sends again: call `wake` with its channel. */
  rest(channel: string): void
}

/** How much may be under way. */
export interface Window {
  readonly count: number
  readonly bytes: number
  /** Largest publication that the server takes. */
  readonly publicationBytes: number
}

interface Flight {
  readonly channel: string
  readonly command: LaneCommand
}

export class Outbox {
  readonly #options: OutboxOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #flights = new Map<number, Flight>()
  #count = 0
  #bytes = 0
  #flightBytes = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Publications that wait to be sent or answered. */
  get size(): number {
    return this.#count
  }

  get inFlight(): number {
    return this.#flights.size
  }

  /** Takes a publication; the promise is fulfilled when it is in the log. */
  add(channel: string, payload: Pick<Entry, 'data' | 'key' | 'remove' | 'bytes'>): Promise<Published> {
    const { maxCount, maxBytes } = this.#options
    if (this.#count >= maxCount || this.#bytes + payload.bytes > maxBytes) {
      return Promise.reject(
        new PublishError('outbox_full', `publishing to ${channel}: ${this.#count} publications wait already`),
      )
    }
    this.#count++
    this.#bytes += payload.bytes
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#count--
        this.#bytes -= payload.bytes
      }
      this.#lane(channel).add({
        ...payload,
        resolve: (published) => {
          settled()
          resolve(published)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
    })
  }

  /** What may be sent now, the lanes in turn. */
  take(window: Window): Outgoing[] {
    const commands: Outgoing[] = []
    for (let taken = true; taken;) {
      taken = false
      for (const [channel, lane] of this.#lanes) {
        const command = this.#takeFrom(channel, lane, window)
        if (command === undefined) continue
        commands.push(command)
        taken = true
      }
    }
    return commands
  }

  /** True when the answer was to one of its commands. */
  reply(id: number, ok: unknown, error: WireError | undefined): boolean {
    const flight = this.#flights.get(id)
    if (flight === undefined) return false
    this.#flights.delete(id)
    const { channel, command } = flight
    const lane = this.#lane(channel)
    if (command.type === 'publish') {
      this.#flightBytes -= command.entry.bytes
      lane.published(id, error ?? (ok as Published))
    } else lane.fenced(error ?? (ok as { known: boolean; last: number; epoch: number }))
    if (lane.resting) this.#options.rest(channel)
    return true
  }

  /** The transport is gone. */
  lost(): void {
    this.#flights.clear()
    this.#flightBytes = 0
    for (const [channel, lane] of this.#lanes) {
      const before = lane.resting
      lane.lost()
      if (lane.resting && !before) this.#options.rest(channel)
    }
  }

  wake(channel: string): void {
    this.#lanes.get(channel)?.wake()
  }

  close(errorOf: (sent: boolean) => HoldfastError): void {
    for (const lane of this.#lanes.values()) lane.close(errorOf)
    this.#lanes.clear()
    this.#flights.clear()
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel)
    if (lane === undefined) this.#lanes.set(channel, (lane = new Lane()))
    return lane
  }

  #takeFrom(channel: string, lane: Lane, window: Window): Outgoing | undefined {
    if (this.#flights.size >= window.count) return undefined
    let next = lane.peek()
    while (next !== undefined && next.bytes > window.publicationBytes) {
      const error = tooLarge(channel, next.bytes, window.publicationBytes)
      if (!lane.discard(next, error)) break
      next = lane.peek()
    }
    if (next !== undefined && this.#flightBytes > 0 && this.#flightBytes + next.bytes > window.bytes)
      return undefined
    const id = this.#options.nextId()
    const command = lane.take(id)
    if (command === undefined) return undefined
    this.#flights.set(id, { channel, command })
    if (command.type === 'publish') this.#flightBytes += command.entry.bytes
    return encode(channel, id, this.#options.producerId, command)
  }
}

export const tooLarge = (channel: string, bytes: number, most: number): PublishError =>
  new PublishError('too_large', `publishing ${bytes} bytes to ${channel}: the server takes ${most}`)

const encode = (channel: string, id: number, producerId: string, command: LaneCommand): Outgoing => {
  const { type, epoch } = command
  if (type === 'fence')
    return { json: JSON.stringify({ type, id, channel, producer: { id: producerId, epoch } }) }
  const { entry, seq, again } = command
  const producer = { id: producerId, epoch, seq, ...(again ? { again } : {}) }
  return encodePublish({ channel, id, producer }, entry)
}

/** A `publish` or `remove` command around a payload that is JSON text already, or bytes. */
export const encodePublish = (
  fields: object,
  { data, key, remove }: Pick<Entry, 'data' | 'key' | 'remove'>,
): Outgoing => {
  const json = JSON.stringify({ type: remove ? 'remove' : 'publish', ...fields, key })
  if (remove) return { json }
  if (typeof data !== 'string') return { json, bytes: data }
  return { json: `${json.slice(0, -1)},"data":${data}}` }
}
