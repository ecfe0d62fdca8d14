/**
 * A session over a WebSocket: pushes as the log grows, takes commands at any time. A connection that is above
 * its high-water mark is not written to until it drains; then it pulls from the log again. The handler is one
 * object for all connections; what belongs to one of them is its carrier, in the connection's `data`.
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
import { CommandLineUp } from './command-line-up.ts'
import { WEBSOCKET_FRAMING } from './framing.ts'
import type { Admission, Carrier, Gateway, Peer } from './gateway.ts'

type State =
  /** Waiting for `hello`. */
  | { readonly kind: 'greeting'; readonly deadlineMs: number }
  /** `hello` is being looked at; what came behind it waits. */
  | { readonly kind: 'admitting'; readonly waiting: Command[] }
  | {
      readonly kind: 'open'
      readonly attachment: Attachment<Buffer>
      readonly lineUp: CommandLineUp
      authDueTold: boolean
    }
  | { readonly kind: 'gone' }

/** How long before its token runs out a client is told. */
const AUTH_DUE_MS = 60_000

export class WebSocketCarrier implements Carrier, Outlet<Buffer> {
  readonly framing: Framing<Buffer> = WEBSOCKET_FRAMING
  readonly #gateway: Gateway
  readonly #connection: WebSocketConnection
  readonly #peer: Peer
  readonly #page: PageLimit
  #state: State

  constructor(gateway: Gateway, connection: WebSocketConnection, peer: Peer) {
    this.#gateway = gateway
    this.#connection = connection
    this.#peer = peer
    this.#page = { count: gateway.limits.pagePublications, bytes: gateway.limits.pageBytes }
    this.#state = { kind: 'greeting', deadlineMs: gateway.now() + gateway.limits.helloTimeoutMs }
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
  }

  drained(): void {
    if (this.#state.kind === 'open') this.#state.attachment.resume()
  }

  closed(): void {
    if (this.#state.kind === 'open') this.#state.attachment.detach()
    this.#state = { kind: 'gone' }
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
    if (state.kind === 'greeting' && nowMs >= state.deadlineMs) {
      this.#end('hello_timeout', 'no hello came')
      return
    }
    const expires = state.kind === 'open' ? state.attachment.identity.expiresAtMs : undefined
    if (state.kind !== 'open' || expires === undefined) return
    if (nowMs >= expires) this.#end('auth_expired', 'the token has run out')
    else if (!state.authDueTold && nowMs >= expires - AUTH_DUE_MS) {
      state.authDueTold = true
      this.event({ type: 'auth', expiresInMs: expires - nowMs })
    }
  }

  dismiss(bye: Bye): void {
    if (this.#state.kind === 'gone') return
    this.event(bye)
    this.#connection.close(ERRORS[bye.code as ErrorCode].close, bye.code)
  }

  /** Presence leases live as long as the connection does. */
  renew(): void {
    if (this.#state.kind === 'open') this.#state.attachment.renew()
  }

  #command(command: Command): void {
    const state = this.#state
    if (state.kind === 'open') {
      if (command.type === 'auth') this.#reauthenticate(state, command)
      else void state.lineUp.take(command).then((reply) => this.#reply(reply))
    } else if (state.kind === 'admitting') {
      state.waiting.push(command)
    } else if (command.type === 'hello') {
      this.#hello(command)
    } else {
      this.#end('hello_expected', 'the first command is hello')
    }
  }

  #hello(hello: Extract<Command, { type: 'hello' }>): void {
    const waiting: Command[] = []
    this.#state = { kind: 'admitting', waiting }
    // What arrives behind a hello that takes its time stays in the socket.
    this.#connection.pause()
    const admitted = async (): Promise<Admission> => this.#gateway.admit(hello, this.#peer)
    admitted().then(
      (admission) => this.#open(hello.id, admission, waiting),
      (error: unknown) => {
        const refusal = error instanceof ProtocolError ? error : new ProtocolError('internal', 'hello failed')
        this.#connection.resume()
        this.#reply({ type: 'reply', id: hello.id, error: refusal.toWire() })
        this.#end(refusal.code, refusal.message)
      },
    )
  }

  #open(id: number, admission: Admission, waiting: readonly Command[]): void {
    if (this.#state.kind === 'gone') return
    const { limits } = this.#gateway
    const attachment = new Attachment<Buffer>(
      this.#gateway,
      admission.identity,
      this,
      limits.channelsPerSocket,
    )
    const lineUp = new CommandLineUp(this.#gateway, attachment)
    this.#state = { kind: 'open', attachment, lineUp, authDueTold: false }
    this.#reply({ type: 'reply', id, ok: admission.welcome })
    this.#connection.resume()
    for (const command of waiting) this.#command(command)
  }

  #reauthenticate(state: Extract<State, { kind: 'open' }>, auth: Extract<Command, { type: 'auth' }>): void {
    const { session } = state.attachment.identity
    const admitted = async (): Promise<Admission> =>
      this.#gateway.admit({ token: auth.token, session: undefined }, this.#peer)
    admitted().then(
      ({ identity }) => {
        if (identity.user !== state.attachment.identity.user) {
          this.#reply({
            type: 'reply',
            id: auth.id,
            error: new ProtocolError('forbidden', 'the token is of another user').toWire(),
          })
          return
        }
        state.attachment.identity = { ...identity, session, member: state.attachment.identity.member }
        state.authDueTold = false
        this.#reply({ type: 'reply', id: auth.id, ok: {} })
      },
      (error: unknown) => {
        const refusal = error instanceof ProtocolError ? error : new ProtocolError('internal', 'auth failed')
        this.#reply({ type: 'reply', id: auth.id, error: refusal.toWire() })
      },
    )
  }

  /** A command that could not be read is answered if it had an id; without one the client cannot be helped. */
  #refused(error: ProtocolError, id: number | undefined): void {
    if (id === undefined || this.#state.kind !== 'open') this.#end(error.code, error.message)
    else this.#reply({ type: 'reply', id, error: error.toWire() })
  }

  #reply(reply: Reply | undefined): void {
    if (reply !== undefined && this.#state.kind !== 'gone') this.event(reply)
  }

  #end(code: ErrorCode, message: string): void {
    this.dismiss({ type: 'bye', code, message, retry: ERRORS[code].retry })
    this.#state = { kind: 'gone' }
  }
}

const carrierOf = (connection: WebSocketConnection): WebSocketCarrier => connection.data as WebSocketCarrier

/** Serves every connection of a node; the carrier is put into `data` right after the handshake. */
export const WEBSOCKET_HANDLER: SocketHandler = {
  message: (connection, data) => carrierOf(connection).message(data),
  drain: (connection) => carrierOf(connection).drained(),
  close: (connection) => carrierOf(connection).closed(),
}
