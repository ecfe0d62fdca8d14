/** Carries out commands that have been authorised: each becomes one call of the broker, or of a handler. */
import { type AppendResult, type Broker, isCursor } from '../channel/index.ts'
import { cursorAt, ProtocolError, type Publish, type Reply, type Request } from '../protocol/index.ts'
import { type Counters, type Identity, type Limits, refuse } from '../transport/index.ts'
import type { Calls } from './calls.ts'
import { readHistory } from './history.ts'
import type { Receivers } from './receivers.ts'
import type { ChannelOptions } from '../channel/index.ts'

export interface CommandSurroundings {
  readonly broker: Broker
  readonly limits: Limits
  readonly calls: Calls
  readonly receivers: Receivers
  readonly counters: Counters
  readonly now: () => number
  readonly creation: (channel: string) => ChannelOptions | undefined
  readonly onError: (error: unknown) => void
}

export class Commands {
  readonly #node: CommandSurroundings

  constructor(node: CommandSurroundings) {
    this.#node = node
  }

  /** Never rejects: what goes wrong is a reply. */
  async execute(request: Request, identity: Identity): Promise<Reply> {
    try {
      return { type: 'reply', id: request.id, ok: await this.#run(request, identity) }
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#node.onError(error)
      const refusal =
        error instanceof ProtocolError
          ? error
          : new ProtocolError('broker_unavailable', 'the node could not do this now')
      this.#node.counters.refused(refusal.code)
      return refuse(request.id, refusal)
    }
  }

  #run(request: Request, identity: Identity): unknown {
    switch (request.type) {
      case 'publish':
        return this.#publish(request, identity)
      case 'fence':
        return this.#node.broker.fence(request.channel, request.producer.id, request.producer.epoch)
      case 'call':
        return this.#node.calls.run(request.method, request.params, identity)
      case 'history':
        return readHistory(this.#node.broker, request, this.#node.limits.pageBytes)
      case 'trim':
        return this.#trim(request)
      case 'ping':
        return { now: this.#node.now() }
      case 'auth':
        // Over HTTP every request carries its token; over a WebSocket the carrier has dealt with it.
        return {}
      default:
        // `presence` belongs to the attachment, and never comes here.
        return Promise.reject(new ProtocolError('malformed', `${request.type} comes once, and first`))
    }
  }

  async #publish(command: Publish, identity: Identity): Promise<unknown> {
    this.#checkPublication(command)
    const { channel, data, key, remove, producer, expect } = command
    const entry = key === undefined ? { data } : { data, key, remove }
    const create = this.#node.creation(channel)
    const result = await this.#node.broker.append({ channel, entries: [entry], producer, expect, create })
    const told = published(result)
    if (result.kind === 'appended') this.#node.counters.publications++
    this.#node.receivers.tell(command, result, identity)
    return told
  }

  #checkPublication(command: Publish): void {
    const { publicationBytes } = this.#node.limits
    const { data } = command
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    if (bytes > publicationBytes) {
      throw new ProtocolError(
        'too_large',
        `a publication is at most ${publicationBytes} bytes; this one has ${bytes}`,
      )
    }
    if (command.remove && command.key === undefined)
      throw new ProtocolError('key_required', 'remove needs a key')
  }

  async #trim(command: Extract<Request, { type: 'trim' }>): Promise<unknown> {
    const { channel, upTo } = command
    const info = await this.#node.broker.describe(channel)
    if (info === undefined)
      throw new ProtocolError('not_found', `there is no channel ${JSON.stringify(channel)}`)
    if (!isCursor(upTo) || info.epoch !== upTo.epoch) {
      throw new ProtocolError('bad_cursor', 'the cursor is of another life of the channel')
    }
    return { floor: await this.#node.broker.trim(channel, upTo.offset + 1) }
  }
}

/** What a publisher is told. @throws ProtocolError for a refusal */
export const published = (result: AppendResult): { cursor?: string; duplicate?: true } => {
  if (result.kind === 'refused') throw new ProtocolError(result.code, refusalText(result))
  if (result.kind === 'appended') return { cursor: cursorAt(result.epoch, result.last, result.stamp) }
  if (result.last === undefined) return { duplicate: true }
  return { cursor: cursorAt(result.epoch, result.last, result.stamp), duplicate: true }
}

const refusalText = (refusal: Extract<AppendResult, { kind: 'refused' }>): string => {
  switch (refusal.code) {
    case 'expect_failed':
      return refusal.cursor === undefined
        ? 'the tail is elsewhere'
        : `the tail is ${cursorAt(refusal.cursor.epoch, refusal.cursor.offset)}`
    case 'producer_hole':
      return `sequence ${refusal.expected ?? 0} has not been accepted yet; fence, and number what follows anew`
    case 'producer_fenced':
      return `this producer epoch is closed; the current one is ${refusal.expected ?? 0}`
    case 'producer_unknown':
      return 'the ledger does not know this producer: what was sent before may or may not have been appended'
    case 'sequence_behind':
      return 'the sequence is not greater than the last one that was accepted'
    case 'content_type':
      return 'the payload is not of the content type of the channel'
    default:
      return refusal.code.replaceAll('_', ' ')
  }
}
