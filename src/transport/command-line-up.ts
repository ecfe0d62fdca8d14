/**
 * A client's commands in the order in which they came: each is authorised before the next is looked at, so that
 * an `authorize` that takes its time cannot reorder publications. Carrying them out overlaps.
 */
import {
  type Command,
  type Reply,
  ProtocolError,
  type Request,
  type SubscribeSpec,
} from '../protocol/index.ts'
import type { Action, Awaitable, Gateway, Identity } from './gateway.ts'
import { refuse } from './reply.ts'

const ACTIONS: Readonly<Record<Exclude<Request['type'], 'hello' | 'ping' | 'auth'>, Action>> = {
  publish: 'publish',
  fence: 'publish',
  call: 'call',
  presence: 'presence',
  history: 'history',
  trim: 'trim',
}

/** What a line-up needs of the attachment that its client has. */
export interface Following {
  readonly identity: Identity
  subscribe(channel: string, spec: SubscribeSpec): void
  unsubscribe(channel: string): void
  enter(channel: string, data: string): Promise<void>
  leave(channel: string): Promise<void>
}

export class CommandLineUp {
  readonly #gateway: Gateway
  readonly #attachment: Following
  /** Fulfilled when the last command in line has been authorised; undefined when the line is empty. */
  #line: Promise<void> | undefined

  constructor(gateway: Gateway, attachment: Following) {
    this.#gateway = gateway
    this.#attachment = attachment
  }

  get identity(): Identity {
    return this.#attachment.identity
  }

  /** Takes a command; the promise is its reply, or undefined for one that has none. Never rejects. */
  take(command: Command): Promise<Reply | undefined> {
    if (command.type === 'subscribe')
      return this.#subscription(() => this.#attachment.subscribe(command.channel, command))
    if (command.type === 'unsubscribe')
      return this.#subscription(() => this.#attachment.unsubscribe(command.channel))
    this.#gateway.counters.commands++
    if (!this.#gateway.allowCommand(this.identity)) {
      return this.#refuse(command.id, new ProtocolError('rate_limited', 'too many commands; slow down'))
    }
    return this.#request(command)
  }

  #subscription(act: () => void): Promise<undefined> {
    act()
    return Promise.resolve(undefined)
  }

  #request(request: Request): Promise<Reply> {
    if (this.#line === undefined) {
      const allowed = this.#authorize(request)
      if (typeof allowed === 'boolean') return this.#run(request, allowed)
      return this.#enqueue(request, () => allowed)
    }
    return this.#enqueue(request, () => this.#authorize(request))
  }

  #enqueue(request: Request, authorize: () => Awaitable<boolean>): Promise<Reply> {
    return new Promise((settle) => {
      const turn = (this.#line ?? Promise.resolve())
        .then(authorize)
        .then((allowed) => settle(this.#run(request, allowed)))
      this.#line = turn
      void this.#forget(turn)
    })
  }

  async #forget(turn: Promise<void>): Promise<void> {
    await turn
    if (this.#line === turn) this.#line = undefined
  }

  #authorize(request: Request): Awaitable<boolean> {
    if (request.type === 'hello' || request.type === 'ping' || request.type === 'auth') return true
    const subject = request.type === 'call' ? request.method : request.channel
    return this.#gateway.authorize(this.identity, ACTIONS[request.type], subject)
  }

  #run(request: Request, allowed: boolean): Promise<Reply> {
    if (!allowed) {
      return this.#refuse(request.id, new ProtocolError('forbidden', `${request.type} is not allowed`))
    }
    return request.type === 'presence'
      ? this.#presence(request)
      : this.#gateway.execute(request, this.identity)
  }

  async #presence(request: Extract<Request, { type: 'presence' }>): Promise<Reply> {
    try {
      if (request.data === undefined) await this.#attachment.leave(request.channel)
      else await this.#attachment.enter(request.channel, request.data)
      return { type: 'reply', id: request.id, ok: {} }
    } catch (error) {
      if (error instanceof ProtocolError) return this.#refuse(request.id, error)
      this.#gateway.fault(error)
      return this.#refuse(request.id, new ProtocolError('broker_unavailable', 'presence cannot be kept now'))
    }
  }

  #refuse(id: number, error: ProtocolError): Promise<Reply> {
    this.#gateway.counters.refused(error.code)
    return Promise.resolve(refuse(id, error))
  }
}
