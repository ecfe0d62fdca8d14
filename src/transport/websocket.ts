/**
 * A session over a WebSocket: pushes as the log grows, takes commands at any time. A connection that is above
 * its high-water mark is not written to until it drains; then it pulls from the log again. One that asks faster
 * than it reads the replies is not read from. The handler is one object for all connections; what belongs to one
 * of them is its carrier, in the connection's `data`.
 */
import type { PageLimit } from '../channel/index.ts'
import {
  type Bye,
  type Command,
  decodeBinary,
  decodeCommand,
  decodeJson,
  encodeEvent,
  type ErrorCode,
  ERRORS,
  idOfRefused,
  ProtocolError,
  type Reply,
  type ServerEvent,
} from '../protocol/index.ts'
import type { SocketHandler, WebSocketConnection } from '../wire/index.ts'
import type { Framing } from '../hub/index.ts'
import { Attachment, type Outlet } from './attachment.ts'
import { authDueMs } from './auth-due.ts'
import { pageLimit, subscribeRate } from './limits.ts'
import { CommandLineUp } from './command-line-up.ts'
import { encodeReply, refuse } from './reply.ts'
import { webSocketFraming } from './framing.ts'
import type { Admission, Carrier, CarrierView, Gateway, Peer } from './gateway.ts'
import { TokenBucket } from './token-bucket.ts'

interface Open {
  readonly kind: 'open'
  readonly attachment: Attachment<Buffer>
  readonly lineUp: CommandLineUp
  readonly subscribes: TokenBucket
  /** Commands that have not been replied to. */
  unanswered: number
  /** Nothing is read until replies have been given and have left. */
  held: boolean
  /** When the client is to be told that its token runs out, milliseconds since 1970; told once for each token. */
  authDueMs: number
  /** `auth` commands that came: of several under way the last one counts. */
  auths: number
}

type State =
  /** Waiting for `hello`. */
  | { readonly kind: 'greeting'; readonly deadlineMs: number }
  /** `hello` is being looked at; what came behind it stays in the connection, which is paused. */
  | { readonly kind: 'admitting'; readonly deadlineMs: number }
  | Open
  /** The last word has been said, or the connection is over. */
  | { readonly kind: 'gone' }

const GONE: State = { kind: 'gone' }

export class WebSocketCarrier implements Carrier, Outlet<Buffer> {
  readonly framing: Framing<Buffer>
  readonly #gateway: Gateway
  readonly #connection: WebSocketConnection
  readonly #peer: Peer
  readonly #page: PageLimit
  readonly #sinceMs: number
  #state: State

  constructor(gateway: Gateway, connection: WebSocketConnection, peer: Peer) {
    this.#gateway = gateway
    this.framing = webSocketFraming(connection.deflate)
    this.#connection = connection
    this.#peer = peer
    this.#page = pageLimit(gateway.limits)
    this.#sinceMs = gateway.now()
    this.#state = { kind: 'greeting', deadlineMs: this.#sinceMs + gateway.limits.helloTimeoutMs }
    gateway.carriers.add(this)
  }

  message(data: string | Uint8Array): void {
    if (this.#state.kind === 'gone') return
    let value: unknown
    try {
      const decoded = typeof data === 'string' ? { header: decodeJson(data) } : decodeBinary(data)
      value = decoded.header
      this.#command(decodeCommand(value, 'bytes' in decoded ? decoded.bytes : undefined))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#refused(error, idOfRefused(value))
    }
    this.#holdOrRelease()
  }

  drained(): void {
    if (this.#state.kind === 'open') this.#state.attachment.resume()
    this.#holdOrRelease()
  }

  closed(): void {
    this.#letGo()
    this.#gateway.carriers.delete(this)
  }

  room(): PageLimit | undefined {
    return this.#connection.writable ? this.#page : undefined
  }

  event(event: ServerEvent): void {
    this.#connection.send(encodeEvent(event))
  }

  batch(encoded: Buffer, count: number): void {
    this.#connection.sendEncoded(encoded, count)
  }

  settled(): void {
    // Whatever the turn produced leaves at its end by itself.
  }

  sweep(nowMs: number): void {
    const state = this.#state
    if (state.kind === 'gone') return
    if (state.kind !== 'open') {
      if (nowMs >= state.deadlineMs) this.#end('hello_timeout', 'hello took too long')
      return
    }
    const expires = state.attachment.identity.expiresAtMs
    if (expires === undefined) return
    if (nowMs >= expires) this.#end('auth_expired', 'the token has run out')
    else if (nowMs >= state.authDueMs) {
      state.authDueMs = Infinity
      this.event({ type: 'auth', expiresInMs: expires - nowMs })
    }
  }

  dismiss(bye: Bye): void {
    if (this.#state.kind === 'gone') return
    this.#letGo()
    this.event(bye)
    this.#connection.close(ERRORS[bye.code as ErrorCode].close, bye.code)
  }

  drain(afterMs: number): void {
    if (this.#state.kind === 'open') this.event({ type: 'drain', afterMs })
  }

  view(): CarrierView | undefined {
    if (this.#state.kind !== 'open') return undefined
    const { identity, session } = this.#state.attachment
    const { subscriptions } = session
    const unsentBytes = this.#connection.bufferedBytes
    return { transport: 'websocket', identity, sinceMs: this.#sinceMs, subscriptions, unsentBytes }
  }

  /** Presence leases live as long as the connection does. */
  renew(): void {
    if (this.#state.kind === 'open') this.#state.attachment.renew()
  }

  #command(command: Command): void {
    const state = this.#state
    if (state.kind !== 'open') {
      if (state.kind === 'greeting' && command.type === 'hello') this.#hello(command)
      else this.#end('hello_expected', 'the first command is hello')
    } else if (command.type === 'subscribe' || command.type === 'unsubscribe') {
      this.#subscription(state, command)
    } else {
      void this.#answer(state, command)
    }
  }

  async #answer(
    state: Open,
    command: Exclude<Command, { type: 'subscribe' | 'unsubscribe' }>,
  ): Promise<void> {
    state.unanswered++
    const reply = command.type === 'auth' ? this.#reauthenticate(state, command) : state.lineUp.take(command)
    this.#reply(await reply)
    state.unanswered--
    this.#holdOrRelease()
  }

  #subscription(state: Open, command: Extract<Command, { type: 'subscribe' | 'unsubscribe' }>): void {
    const { channel } = command
    const allowed = state.subscribes.take(this.#gateway.now())
    if (allowed) {
      void state.lineUp.take(command)
    } else if (command.type === 'subscribe') {
      const error = new ProtocolError('rate_limited', 'too many subscribes; slow down').toWire()
      this.#gateway.counters.refused('rate_limited')
      state.attachment.unsubscribe(channel)
      this.event({ type: 'unsubscribed', channel, error })
    } else {
      // It has no answer that could be a refusal.
      this.#end('rate_limited', 'too many unsubscribes')
    }
  }

  #hello(hello: Extract<Command, { type: 'hello' }>): void {
    const { deadlineMs } = this.#state as Extract<State, { kind: 'greeting' }>
    this.#state = { kind: 'admitting', deadlineMs }
    this.#connection.pause()
    const admitted = async (): Promise<Admission> => this.#gateway.admit(hello, this.#peer)
    admitted().then(
      (admission) => this.#open(hello.id, admission),
      (error: unknown) => {
        const refusal = this.#refusalOf(error, 'hello failed')
        this.#reply({ type: 'reply', id: hello.id, error: refusal.toWire() })
        this.#end(refusal.code, refusal.message)
      },
    )
  }

  #open(id: number, admission: Admission): void {
    if (this.#state.kind !== 'admitting') return
    const { limits } = this.#gateway
    const { channelsPerSocket } = limits
    const attachment = new Attachment<Buffer>(this.#gateway, admission.identity, this, channelsPerSocket)
    this.#state = {
      kind: 'open',
      attachment,
      lineUp: new CommandLineUp(this.#gateway, attachment),
      subscribes: new TokenBucket(subscribeRate(limits), this.#gateway.now()),
      unanswered: 0,
      held: true,
      authDueMs: authDueMs(admission.identity.expiresAtMs, this.#gateway.now()),
      auths: 0,
    }
    this.#reply({ type: 'reply', id, ok: admission.welcome() })
    this.#holdOrRelease()
  }

  async #reauthenticate(state: Open, auth: Extract<Command, { type: 'auth' }>): Promise<Reply> {
    const { id, token } = auth
    const { attachment } = state
    if (!this.#gateway.allowCommand(attachment.identity)) {
      return refuse(id, new ProtocolError('rate_limited', 'too many commands; slow down'))
    }
    const turn = ++state.auths
    try {
      const { identity } = await this.#gateway.admit({ token, session: undefined }, this.#peer)
      const { session, member, user } = attachment.identity
      if (identity.user !== user) throw new ProtocolError('forbidden', 'the token is of another user')
      if (turn === state.auths) {
        attachment.identity = { ...identity, session, member }
        state.authDueMs = authDueMs(identity.expiresAtMs, this.#gateway.now())
      }
      return { type: 'reply', id, ok: {} }
    } catch (error) {
      return refuse(id, this.#refusalOf(error, 'auth failed'))
    }
  }

  #refusalOf(error: unknown, message: string): ProtocolError {
    if (error instanceof ProtocolError) return error
    this.#gateway.fault(error)
    return new ProtocolError('internal', message)
  }

  /** A command that could not be read is answered if it had an id; without one the client cannot be helped. */
  #refused(error: ProtocolError, id: number | undefined): void {
    if (id === undefined || this.#state.kind !== 'open') this.#end(error.code, error.message)
    else {
      this.#gateway.counters.refused(error.code)
      this.#reply({ type: 'reply', id, error: error.toWire() })
    }
  }

  #reply(reply: Reply | undefined): void {
    if (reply !== undefined && this.#state.kind !== 'gone') this.#connection.send(encodeReply(reply))
  }

  /** Reads on only while what has been asked for is being answered, and the answers leave. */
  #holdOrRelease(): void {
    const state = this.#state
    if (state.kind !== 'open') return
    const hold = !this.#connection.writable || state.unanswered >= this.#gateway.limits.commandsUnderWay
    // A connection resumes only in the next turn, also one that has been paused again meanwhile.
    if (hold) this.#connection.pause()
    else if (state.held) this.#connection.resume()
    state.held = hold
  }

  #end(code: ErrorCode, message: string): void {
    this.#gateway.counters.refused(code)
    this.dismiss({ type: 'bye', code, message, retry: ERRORS[code].retry })
  }

  #letGo(): void {
    if (this.#state.kind === 'open') this.#state.attachment.detach()
    this.#state = GONE
  }
}

const carrierOf = (connection: WebSocketConnection): WebSocketCarrier => connection.data as WebSocketCarrier

/** Serves every connection of a node; the carrier is put into `data` right after the handshake. */
export const WEBSOCKET_HANDLER: SocketHandler = {
  message: (connection, data) => carrierOf(connection).message(data),
  drain: (connection) => carrierOf(connection).drained(),
  close: (connection) => carrierOf(connection).closed(),
}
