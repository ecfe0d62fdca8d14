/**
 * Session ids that the nodes sign: a client cannot take over another's presence by guessing one. An id is
 * `<random>.<signature>`, and the signature covers the user, so that an id is of use only with its owner's token.
 */
import {
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto'

const ID_BYTES = 12
const SIGNATURE_BYTES = 16
/** What both look like in base64url, which has no padding. */
const FORM = /^[\w-]{16}\.[\w-]{22}$/

/** Ids whose bytes are drawn in one go: most of what a small draw costs is asking. */
const IDS_DRAWN = 128
const VERIFIED_KEPT = 10_000

export class SessionIds {
  /** Made once: what it takes to make a key of a secret is several times what it takes to sign. */
  readonly #key: KeyObject
  readonly #drawn = Buffer.alloc(IDS_DRAWN * ID_BYTES)
  readonly #verified = new Map<string, string | undefined>()
  #next = this.#drawn.length

  constructor(secret: string | undefined) {
    this.#key = createSecretKey(secret === undefined ? randomBytes(32) : Buffer.from(secret))
  }

  issue(user: string | undefined): string {
    if (this.#next === this.#drawn.length) {
      randomFillSync(this.#drawn)
      this.#next = 0
    }
    const id = this.#drawn.toString('base64url', this.#next, (this.#next += ID_BYTES))
    return this.#signed(id, user)
  }

  /** Whether `session` was issued by a node with this secret, to this user. */
  verify(session: string, user: string | undefined): boolean {
    if (this.#verified.has(session) && this.#verified.get(session) === user) return true
    if (!FORM.test(session)) return false
    const id = this.publicPart(session)
    // Compared as text: each id has one spelling, and base64 would be read from several.
    if (!timingSafeEqual(Buffer.from(session), Buffer.from(this.#signed(id, user)))) return false
    // A client that polls comes with the same one again and again.
    if (this.#verified.size >= VERIFIED_KEPT) this.#verified.clear()
    this.#verified.set(session, user)
    return true
  }

  /** The public part, by which presence and limits know the session. */
  publicPart(session: string): string {
    return session.slice(0, session.indexOf('.'))
  }

  #signed(id: string, user: string | undefined): string {
    const hmac = createHmac('sha256', this.#key)
    hmac.update(user === undefined ? `anonymous ${id}` : `user ${id} ${user}`)
    return `${id}.${hmac.digest().subarray(0, SIGNATURE_BYTES).toString('base64url')}`
  }
}
