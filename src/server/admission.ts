/**
 * Who a client is: runs `authenticate`, keeps what it said until the token runs out, and issues or confirms the
 * session id. It does not know what a client may do; `authorize` says that.
 */
import { type AnnouncedLimits, PROTOCOL_VERSION, ProtocolError, type Welcome } from '../protocol/index.ts'
import type { Admission, Awaitable, Identity, Peer } from '../transport/index.ts'
import type { Authenticated, ServerOptions } from './options.ts'
import { SessionIds } from './session-ids.ts'

/** Verified tokens that are remembered. */
const TOKENS_KEPT = 10_000

export interface Presented {
  readonly token: string | undefined
  readonly session: string | undefined
}

export class Admissions {
  readonly #authenticate: ServerOptions['authenticate']
  readonly #sessions: SessionIds
  readonly #limits: AnnouncedLimits
  readonly #now: () => number
  readonly #verified = new Map<string, Authenticated & { readonly expiresAt: number }>()

  constructor(options: ServerOptions, limits: AnnouncedLimits, now: () => number) {
    this.#authenticate = options.authenticate
    this.#sessions = new SessionIds(options.secret)
    this.#limits = limits
    this.#now = now
  }

  /** @throws (or rejects with) ProtocolError `unauthenticated` */
  admit(presented: Presented, peer: Peer): Awaitable<Admission> {
    if (this.#authenticate === undefined) return this.#admission(presented, peer, undefined)
    const known = presented.token === undefined ? undefined : this.#verified.get(presented.token)
    if (known !== undefined && known.expiresAt > this.#now()) return this.#admission(presented, peer, known)
    return this.#verify(presented, peer)
  }

  async #verify(presented: Presented, peer: Peer): Promise<Admission> {
    const { token } = presented
    // A hook that fails is the node's fault: its error passes through, and is reported by who refuses.
    const who = await this.#authenticate?.({ token, address: peer.address, headers: peer.headers })
    if (who === null || who === undefined || (who.expiresAt !== undefined && who.expiresAt <= this.#now())) {
      throw new ProtocolError(
        'unauthenticated',
        token === undefined ? 'a token is needed' : 'the token is not valid',
      )
    }
    if (token !== undefined && who.expiresAt !== undefined) this.#remember(token, who, who.expiresAt)
    return this.#admission(presented, peer, who)
  }

  #remember(token: string, who: Authenticated, expiresAt: number): void {
    if (this.#verified.size >= TOKENS_KEPT) {
      const oldest = this.#verified.keys().next()
      if (oldest.done !== true) this.#verified.delete(oldest.value)
    }
    this.#verified.set(token, { ...who, expiresAt })
  }

  #admission({ session }: Presented, peer: Peer, who: Authenticated | undefined): Admission {
    const known = session !== undefined && this.#sessions.verify(session, who?.user) ? session : undefined
    const identity = new Client(known, who, peer.address, this.#sessions)
    return new Admitted(identity, this)
  }

  welcome({ session, member }: Identity): Welcome {
    return { version: PROTOCOL_VERSION, session, member, now: this.#now(), limits: this.#limits }
  }
}

class Admitted implements Admission {
  readonly identity: Identity
  readonly #by: Admissions

  constructor(identity: Identity, by: Admissions) {
    this.identity = identity
    this.#by = by
  }

  welcome(): Welcome {
    return this.#by.welcome(this.identity)
  }
}

/** A session is issued when somebody asks for it: most requests of a client without one are over before that. */
class Client implements Identity {
  readonly user: string | undefined
  readonly claims: unknown
  readonly address: string
  readonly expiresAtMs: number | undefined
  readonly knownSession: string | undefined
  readonly #sessions: SessionIds
  #issued: string | undefined

  constructor(
    known: string | undefined,
    who: Authenticated | undefined,
    address: string,
    sessions: SessionIds,
  ) {
    this.user = who?.user
    this.claims = who
    this.address = address
    this.expiresAtMs = who?.expiresAt
    this.knownSession = known
    this.#sessions = sessions
  }

  get session(): string {
    return this.knownSession ?? (this.#issued ??= this.#sessions.issue(this.user))
  }

  get member(): string {
    return this.user ?? this.#sessions.publicPart(this.session)
  }
}
