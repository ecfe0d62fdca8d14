/**
 * The admin interface: JSON over HTTP under `<path>/api/admin`, questions by GET, acts by POST. Who may is checked
 * before anything is read. An act is told to nobody but its asker; what comes of it, clients see as ever.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Broker, parseCursor } from '../channel/index.ts'
import { checkChannelName, decodeJson, type ErrorCode, ERRORS, ProtocolError } from '../protocol/index.ts'
import { answerJson, answerRefusal, readBody } from '../transport/index.ts'
import type { AdminAccess } from './admin-access.ts'
import type { AdminView, PageQuery } from './admin-view.ts'
import { published } from './commands.ts'
import type { HoldfastNode } from './node.ts'

export interface AdminParts {
  readonly access: AdminAccess
  readonly view: AdminView
  readonly node: HoldfastNode
  /** In front of every route. */
  readonly path: string
}

type Fields = Readonly<Record<string, unknown>>
type Question = (query: URLSearchParams) => object | Promise<object>
type Act = (fields: Fields) => Promise<object>

const MOST_ROWS = 200
const MOST_DRAIN_MS = 3_600_000

export class AdminRoutes {
  readonly #parts: AdminParts
  readonly #broker: Broker
  readonly #prefix: string
  readonly #questions: ReadonlyMap<string, Question>
  readonly #acts: ReadonlyMap<string, Act>

  constructor(parts: AdminParts) {
    const { view, node, path } = parts
    this.#parts = parts
    this.#broker = node.broker
    this.#prefix = `${path}/api/admin`
    this.#questions = new Map<string, Question>([
      ['', () => view.overview()],
      ['/channels', (query) => view.channels(pageOf(query), query.get('after') ?? '')],
      ['/channel', (query) => view.channel(nameIn(query.get('name')))],
      ['/sessions', (query) => view.sessions(pageOf(query), numberIn(query.get('skip'), 0, 1e9))],
      ['/session', (query) => view.session(query.get('id') ?? '')],
    ])
    this.#acts = new Map<string, Act>([
      ['/publish', (fields) => this.#publish(fields)],
      ['/trim', (fields) => this.#trim(fields)],
      ['/close', async ({ channel }) => done(await this.#broker.close(nameIn(channel)))],
      ['/delete', async ({ channel }) => done(await this.#broker.delete(nameIn(channel)))],
      ['/disconnect', (fields) => this.#disconnect(fields)],
      ['/drain', (fields) => this.#drain(fields)],
    ])
  }

  owns(path: string): boolean {
    return path === this.#prefix || path.startsWith(`${this.#prefix}/`)
  }

  /** Answers one request. Never rejects; what goes wrong is the answer. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { node, access } = this.#parts
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    try {
      access.check(request, node.now())
      const answer = await this.#answer(request, response)
      answerJson(response, 200, JSON.stringify(answer))
    } catch (error) {
      this.#refuse(response, error)
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<object> {
    const url = new URL(request.url ?? '', 'http://node')
    const route = url.pathname.slice(this.#prefix.length)
    const question = this.#questions.get(route)
    const act = this.#acts.get(route)
    const allow = question === undefined ? 'POST' : 'GET'
    if (question === undefined && act === undefined) throw new ProtocolError('not_found', 'no such route')
    if (request.method !== allow) {
      response.setHeader('allow', allow)
      throw new MethodRefusal(`this route takes ${allow}`)
    }
    if (question !== undefined) return question(url.searchParams)
    // A form or text/plain could be sent by any page without asking first.
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
      throw new ProtocolError('content_type', 'the body is application/json')
    const body = decodeJson(await readBody(request, this.#parts.node.limits.messageBytes))
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new ProtocolError('malformed', 'the body is an object')
    return (act as Act)(body as Fields)
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const { node } = this.#parts
    if (!(error instanceof ProtocolError)) node.fault(error)
    const code: ErrorCode = error instanceof ProtocolError ? error.code : 'internal'
    node.counters.refused(code)
    if (code === 'unauthenticated') response.setHeader('www-authenticate', 'Bearer')
    answerRefusal(response, error, error instanceof MethodRefusal ? 405 : ERRORS[code].status)
  }

  async #publish({ channel, data, base64, key }: Fields): Promise<object> {
    const { node } = this.#parts
    const name = nameIn(channel)
    const payload = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : JSON.stringify(data)
    if (payload === undefined) throw new ProtocolError('malformed', '`data` is JSON, or `base64` bytes')
    if (key !== undefined && typeof key !== 'string') throw new ProtocolError('malformed', '`key` is a text')
    const bytes = Buffer.byteLength(payload)
    if (bytes > node.limits.publicationBytes)
      throw new ProtocolError('too_large', `a publication is at most ${node.limits.publicationBytes} bytes`)
    const entry = key === undefined ? { data: payload } : { data: payload, key }
    const create = node.creation(name)
    const result = published(await this.#broker.append({ channel: name, entries: [entry], create }))
    node.counters.publications++
    return result
  }

  /** Everything that is held, or up to a cursor. */
  async #trim({ channel, upTo }: Fields): Promise<object> {
    const name = nameIn(channel)
    const info = await this.#broker.describe(name)
    if (info === undefined) throw new ProtocolError('not_found', 'there is no such channel')
    const cursor = upTo === undefined ? info : typeof upTo === 'string' ? parseCursor(upTo) : undefined
    if (cursor?.epoch !== info.epoch) throw new ProtocolError('bad_cursor', 'the cursor is of another life')
    const offset = 'offset' in cursor ? cursor.offset : cursor.top
    return { floor: await this.#broker.trim(name, offset + 1) }
  }

  /** Its client comes back by itself, unless it is told not to. */
  async #disconnect({ session, final }: Fields): Promise<object> {
    if (typeof session !== 'string') throw new ProtocolError('malformed', '`session` names one')
    const carriers = this.#parts.view.carriersOf(session)
    if (carriers.length === 0) throw new ProtocolError('not_found', 'that session is on no wire here')
    const code = final === true ? 'forbidden' : 'draining'
    const message = 'disconnected by whoever looks after the node'
    for (const carrier of carriers) carrier.dismiss({ type: 'bye', code, message, retry: ERRORS[code].retry })
    return { wires: carriers.length }
  }

  async #drain({ overMs }: Fields): Promise<object> {
    const { node } = this.#parts
    if (overMs !== undefined && (typeof overMs !== 'number' || !(overMs >= 0 && overMs <= MOST_DRAIN_MS)))
      throw new ProtocolError('malformed', `\`overMs\` is 0 to ${MOST_DRAIN_MS}`)
    void node.drain(overMs === undefined ? {} : { overMs })
    return { carriers: node.carriers.size }
  }
}

class MethodRefusal extends ProtocolError {
  constructor(message: string) {
    super('malformed', message)
  }
}

const done = (found: boolean): object => {
  if (!found) throw new ProtocolError('not_found', 'there is no such channel')
  return {}
}

const nameIn = (name: unknown): string => {
  if (typeof name !== 'string') throw new ProtocolError('malformed', 'a channel is named')
  checkChannelName(name)
  return name
}

const pageOf = (query: URLSearchParams): PageQuery => ({
  contains: query.get('contains') ?? '',
  sort: query.get('sort') ?? '',
  limit: numberIn(query.get('limit'), 1, MOST_ROWS, MOST_ROWS),
})

const numberIn = (text: string | null, least: number, most: number, otherwise = least): number => {
  if (text === null) return otherwise
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least || number > most || !/^\d+$/.test(text))
    throw new ProtocolError('malformed', `a number from ${least} to ${most}`)
  return number
}
