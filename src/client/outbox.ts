/**
 * Everything that waits to be published, bounded, in one lane per channel. It decides what may be sent now, and
 * under which id an answer belongs to which lane; how a command travels is not its business.
 */
import type { Published, WireError } from '../protocol/index.ts'
import { PublishError } from './errors.ts'
import { Lane, type LaneCommand, type Payload, type FenceAnswer } from './lane.ts'
import type { Outgoing } from './transports/transport.ts'

export interface OutboxOptions {
  /** Names this client to the ledgers; random. */
  readonly producerId: string
  /** Publications that may wait. */
  readonly maxCount: number
  /** And their bytes. */
  readonly maxBytes: number
  nextId(): number
  /** A publication is in its log. */
  accepted?(): void
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
  readonly lane: Lane
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

  /** Takes a publication; the promise is fulfilled when it is in the log. @throws PublishError, RefusedError */
  async add(channel: string, payload: Payload): Promise<Published> {
    const { maxCount, maxBytes, accepted } = this.#options
    const { bytes } = payload
    if (this.#count >= maxCount || this.#bytes + bytes > maxBytes)
      throw new PublishError('outbox_full', `publishing to ${channel}: too much waits to be sent`)
    let lane = this.#lanes.get(channel)
    if (!lane) this.#lanes.set(channel, (lane = new Lane()))
    this.#count++
    this.#bytes += bytes
    try {
      const published = await lane.add(payload)
      accepted?.()
      return published
    } finally {
      this.#count--
      this.#bytes -= bytes
    }
  }

  /** What may be sent now, the lanes in turn. */
  take(window: Window): Outgoing[] {
    const commands: Outgoing[] = []
    for (let before = -1; commands.length > before;) {
      before = commands.length
      for (const [channel, lane] of this.#lanes) {
        const command = this.#takeFrom(channel, lane, window)
        if (command) commands.push(command)
      }
    }
    return commands
  }

  /** True when the answer was to one of its commands. */
  reply(id: number, ok: unknown, error: WireError | undefined): boolean {
    const flight = this.#flights.get(id)
    if (!flight) return false
    this.#flights.delete(id)
    const { channel, lane, command } = flight
    if (command.type === 'fence') lane.fenced(error ?? (ok as FenceAnswer))
    else {
      this.#flightBytes -= command.payload.bytes
      lane.published(id, error ?? (ok as Published))
    }
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

  /** The lane of `channel` has rested long enough. */
  wake(channel: string): void {
    this.#lanes.get(channel)?.wake()
  }

  /** Nothing more will be sent or answered. */
  close(): void {
    for (const lane of this.#lanes.values()) lane.close()
  }

  #takeFrom(channel: string, lane: Lane, window: Window): Outgoing | undefined {
    const { publicationBytes: most } = window
    let next = lane.peek()
    // A limit that was announced after it was added: what has no number yet can be taken out.
    while (next && next.bytes > most && lane.discard(next, tooLarge(`publishing to ${channel}`, most)))
      next = lane.peek()
    if (this.#flights.size >= window.count) return undefined
    if (next && this.#flightBytes > 0 && this.#flightBytes + next.bytes > window.bytes) return undefined
    const id = this.#options.nextId()
    const command = lane.take(id)
    if (!command) return undefined
    this.#flights.set(id, { channel, lane, command })
    const { epoch } = command
    const producer = { id: this.#options.producerId, epoch }
    if (command.type === 'fence') return { json: JSON.stringify({ type: 'fence', id, channel, producer }) }
    const { payload, seq, again } = command
    this.#flightBytes += payload.bytes
    return encodePublish({ id, channel, producer: { ...producer, seq, again } }, payload)
  }
}

export const tooLarge = (attempt: string, mostBytes: number): PublishError =>
  new PublishError('too_large', `${attempt}: the server takes ${mostBytes} bytes`)

/** A `publish` or `remove` command around a payload that is JSON text already, or bytes. */
export const encodePublish = (fields: object, { data, key, remove }: Payload): Outgoing => {
  const json = JSON.stringify({ type: remove ? 'remove' : 'publish', ...fields, key })
  if (remove) return { json }
  return typeof data === 'string' ? { json: `${json.slice(0, -1)},"data":${data}}` } : { json, bytes: data }
}
