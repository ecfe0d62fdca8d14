/**
 * The open HTTP face of the logs: the Durable Streams protocol. `PUT`, `POST`, `GET`, `HEAD` and `DELETE` on
 * `/v1/stream/<channel>`, where any HTTP client reads and appends to the channel that every other transport knows.
 * It decides which operation a request is, and who asks; each operation stands in a file of its own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { presenceSubject } from '../channel/index.ts'
import { checkChannelName, ProtocolError } from '../protocol/index.ts'
import type { Admission, Peer } from '../transport/index.ts'
import { appendToStream } from './append.ts'
import { createStream } from './create.ts'
import { deleteStream } from './delete.ts'
import { describeStream } from './describe.ts'
import { type Exchange, refuseStream, setSafeFields, type StreamsHost, whenAllowed } from './exchange.ts'
import { fieldOf } from './field.ts'
import { LongPoll } from './long-poll.ts'
import { decodeOffset, type Offset } from './place.ts'
import { decodeQuery, type StreamQuery } from './query.ts'
import { readStream } from './read.ts'
import { StreamRefusal } from './refusal.ts'
import { SseAnswer } from './sse.ts'

const METHODS: string = 'GET, HEAD, PUT, POST, DELETE, OPTIONS'

/** What a page of another origin may send, and read of an answer. */
export const STREAMS_CORS: { methods: string; requestFields: string; answerFields: string } = {
  methods: METHODS,
  requestFields:
    'authorization, content-type, if-none-match, last-event-id, producer-epoch, producer-id, producer-seq, ' +
    'stream-closed, stream-expires-at, stream-seq, stream-ttl',
  answerFields:
    'etag, location, producer-epoch, producer-expected-seq, producer-received-seq, producer-seq, retry-after, ' +
    'stream-closed, stream-cursor, stream-earliest-offset, stream-expires-at, stream-next-offset, ' +
    'stream-sse-data-encoding, stream-ttl, stream-up-to-date',
}

export class Streams {
  readonly #host: StreamsHost
  readonly #prefix: string
  /** By URL: whoever waits at one place asks for the same. */
  readonly #targets = new Map<string, Target>()

  /** @param path in front of every route of the node; never ending with a slash. */
  constructor(host: StreamsHost, path: string) {
    this.#host = host
    this.#prefix = `${path}/v1/stream/`
  }

  /** @param path of a request, without its query. */
  owns(path: string): boolean {
    return path.startsWith(this.#prefix)
  }

  /** Answers one request, at once where nothing has to be waited for; what goes wrong is the answer. */
  serve(incoming: IncomingMessage, response: ServerResponse): void {
    setSafeFields(response)
    try {
      const target = this.#target(incoming.url ?? '')
      const peer: Peer = { address: incoming.socket.remoteAddress ?? '', headers: incoming.headers }
      const token = bearerOf(fieldOf(incoming, 'authorization'))
      const admitted = this.#host.admit({ token, session: undefined }, peer)
      const served =
        admitted instanceof Promise
          ? admitted.then((admission) => this.#operate(incoming, response, target, admission))
          : this.#operate(incoming, response, target, admitted)
      served?.catch((error: unknown) => refuseStream(this.#host, response, error))
    } catch (error) {
      refuseStream(this.#host, response, error)
    }
  }

  #operate(
    incoming: IncomingMessage,
    response: ServerResponse,
    { channel, query }: Target,
    { identity }: Admission,
  ): Promise<void> | void {
    if (response.destroyed) return undefined
    return operate({ host: this.#host, incoming, response, channel, query, identity })
  }

  /** @throws ProtocolError */
  #target(url: string): Target {
    const known = this.#targets.get(url)
    if (known !== undefined) return known
    const target = this.#read(url)
    if (this.#targets.size === TARGETS_KEPT) this.#targets.clear()
    this.#targets.set(url, target)
    return target
  }

  #read(url: string): Target {
    const at = url.indexOf('?')
    const path = at < 0 ? url : url.slice(0, at)
    let name: string
    try {
      name = decodeURIComponent(path.slice(this.#prefix.length))
    } catch {
      throw new ProtocolError('bad_channel_name', 'the name of the stream is not UTF-8 in percent-encoding')
    }
    return { channel: checkChannelName(name), query: decodeQuery(at < 0 ? '' : url.slice(at + 1)) }
  }
}

interface Target {
  readonly channel: string
  readonly query: StreamQuery
}

const TARGETS_KEPT = 256

/** @throws (or rejects with) ProtocolError */
const operate = (exchange: Exchange): Promise<void> | void => {
  const { method } = exchange.incoming
  switch (method) {
    case 'GET':
      return whenAllowed(exchange, 'subscribe', read)
    case 'HEAD':
      return whenAllowed(exchange, 'subscribe', describeStream)
    case 'PUT':
      change(exchange)
      return createStream(exchange)
    case 'POST':
      change(exchange)
      return appendToStream(exchange)
    case 'DELETE':
      change(exchange)
      return whenAllowed(exchange, 'delete', deleteStream)
    default:
      throw new StreamRefusal('malformed', `a stream takes ${METHODS}`, {
        status: 405,
        fields: { allow: METHODS },
      })
  }
}

/**
 * What changes a stream is a command like any other, and members are announced by another one.
 * @throws ProtocolError `rate_limited` | `forbidden`
 */
const change = ({ host, identity, channel }: Exchange): void => {
  if (!host.allowCommand(identity)) {
    throw new ProtocolError('rate_limited', 'too many commands; slow down')
  }
  if (presenceSubject(channel) !== undefined) {
    throw new ProtocolError('forbidden', 'members of a channel are read here, and not changed')
  }
}

const read = (exchange: Exchange): Promise<void> | void => {
  const { query, incoming, response } = exchange
  const { live, offset } = query
  const given = offset === undefined ? undefined : decodeOffset(offset)
  if (live === undefined) return readStream(exchange, given ?? 'start')
  if (live !== 'long-poll' && live !== 'sse') {
    throw new ProtocolError('malformed', '`live` is long-poll or sse')
  }
  if (given === undefined) throw new ProtocolError('malformed', '`offset` is needed to follow a stream')
  if (response.destroyed) return
  if (live === 'long-poll') return new LongPoll(exchange, given).start()
  const resumed = resumedAt(incoming)
  return new SseAnswer(exchange, resumed ?? given, resumed !== undefined).start()
}

/** Where an EventSource that comes back stood: it asks for the URL that it was given once. */
const resumedAt = (incoming: IncomingMessage): Offset | undefined => {
  const id = fieldOf(incoming, 'last-event-id')
  return id === undefined || id === '' ? undefined : decodeOffset(id)
}

/** The token of RFC 6750; undefined where there is none, or another scheme. */
const bearerOf = (authorization: string | undefined): string | undefined => {
  return authorization === undefined ? undefined : /^bearer +([^ ]+)$/i.exec(authorization)?.[1]
}
