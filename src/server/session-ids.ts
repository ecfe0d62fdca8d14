/**
 * Session ids that the nodes sign: a client cannot take over another's presence by guessing one. An id is
 * `<random>.<signature>`, and the signature covers the user, so that an id is of use only with its owner's token.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const ID_BYTES = 12
const SIGNATURE_BYTES = 16

export class SessionIds {
  readonly #secret: string | Buffer

  constructor(secret: string | undefined) {
    this.#secret = secret ?? randomBytes(32)
  }

  issue(user: string | undefined): string {
    const id = randomBytes(ID_BYTES).toString('base64url')
    return `${id}.${this.#sign(id, user).toString('base64url')}`
  }

  /** Whether `session` was issued by a node with this secret, to this user. */
  verify(session: string, user: string | undefined): boolean {
    const dot = session.indexOf('.')
    if (dot < 0) return false
    const expected = this.#sign(session.slice(0, dot), user)
    const given = Buffer.from(session.slice(dot + 1), 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  /** The public part, by which presence and limits know the session. */
  publicPart(session: string): string {
    return session.slice(0, session.indexOf('.'))
  }

  #sign(id: string, user: string | undefined): Buffer {
    const hmac = createHmac('sha256', this.#secret)
    hmac.update(user === undefined ? `anonymous ${id}` : `user ${id} ${user}`)
    return hmac.digest().subarray(0, SIGNATURE_BYTES)
  }
}
