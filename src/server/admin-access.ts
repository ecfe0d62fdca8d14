/**
 * Who may look after a node: whoever shows the secret, or, where the node is open, whoever sits at its machine. Other
 * pages in the same browser may not, whatever they know. Wrong secrets are counted by address.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ProtocolError } from '../protocol/index.ts'
import type { RequestHead } from './http2-exchange.ts'
import type { OriginPolicy } from './origin.ts'
import { RateLimit } from './rate-limit.ts'

export type AdminOptions = { readonly secret: string } | 'open'

const MIN_SECRET_LENGTH = 16
/** Wrong secrets of one address: so many at once, and then one each ten seconds. */
const WRONG: { readonly perSecond: number; readonly burst: number } = { perSecond: 0.1, burst: 10 }
/** Addresses that have waited long enough are forgotten this often. */
const SWEEP_MS = 10_000
/** What proxies add: behind one, everybody seems to sit at this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const

export class AdminAccess {
  readonly #digest: Buffer | undefined
  readonly #origins: OriginPolicy
  readonly #wrong = new RateLimit(WRONG)
  #sweptMs = 0

  /** @throws TypeError for a secret that could be guessed */
  constructor(options: AdminOptions, origins: OriginPolicy) {
    if (options !== 'open' && options.secret.length < MIN_SECRET_LENGTH)
      throw new TypeError(`the secret of admin has at least ${MIN_SECRET_LENGTH} characters`)
    this.#digest = options === 'open' ? undefined : digestOf(options.secret)
    this.#origins = origins
  }

  /** @throws ProtocolError `forbidden` | `unauthenticated` | `rate_limited` */
  check(request: RequestHead, nowMs: number): void {
    const { headers, socket } = request
    const site = headers['sec-fetch-site']
    const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
    if (foreign || !this.#origins.isOwn(request))
      throw new ProtocolError('forbidden', 'only the node’s own pages may do this')
    const address = socket.remoteAddress ?? ''
    if (this.#digest !== undefined) this.#checkSecret(this.#digest, headers.authorization, address, nowMs)
    // A name that its owner can make resolve to this machine makes its page one of the node's own.
    else if (
      !isThisMachine(address) ||
      !this.#origins.isLoopbackHost(request) ||
      FORWARDED.some((field) => headers[field] !== undefined)
    )
      throw new ProtocolError('forbidden', 'without a secret this is served to this machine alone')
  }

  #checkSecret(digest: Buffer, authorization: string | undefined, address: string, nowMs: number): void {
    const [, shown] = /^Bearer +([^\s]+)$/i.exec(authorization ?? '') ?? []
    if (shown === undefined) throw new ProtocolError('unauthenticated', 'the secret of this node is needed')
    // Whoever has guessed too often is not told whether the next guess is right.
    if (this.#wrong.empty(address, nowMs))
      throw new ProtocolError('rate_limited', 'too many wrong secrets; wait')
    // Digests are of one length, and how far two of them agree says nothing of the secret.
    if (timingSafeEqual(digestOf(shown), digest)) return
    this.#wrong.take(address, nowMs)
    if (nowMs - this.#sweptMs >= SWEEP_MS) {
      this.#sweptMs = nowMs
      this.#wrong.sweep(nowMs)
    }
    throw new ProtocolError('unauthenticated', 'that is not the secret of this node')
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

const isThisMachine = (address: string): boolean => /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address)
