/** `GET` with `live=long-poll`: the next page, held until there is one or until the time is up. */
import type { PageLimit } from '../channel/index.ts'
import type { Framing } from '../hub/index.ts'
import { type Carrier, type Held, holdTimeMs } from '../transport/index.ts'
import { answerEmpty, type Exchange, liveCursorOf, refuseStream } from './exchange.ts'
import { type Audience, Follower } from './follower.ts'
import { bodyFraming } from './framing.ts'
import { IdleKeeper } from './idle-keeper.ts'
import { modeOf } from './media-type.ts'
import { fieldsOf, type FoundPage, type Offset, type Place } from './place.ts'
import { answerPage, etagBetween } from './page-answer.ts'
import { configOf } from './stream-config.ts'

export class LongPoll implements Audience, Carrier, Held {
  readonly #exchange: Exchange
  readonly #from: Offset
  readonly #follower: Follower
  #contentType = ''
  /** Where it stands while it is held. */
  #place: Place | undefined
  #after = 0
  #keeper: IdleKeeper | undefined
  #cancelHold: (() => void) | undefined

  constructor(exchange: Exchange, from: Offset) {
    const { host, channel, response } = exchange
    this.#exchange = exchange
    this.#from = from
    this.#follower = new Follower(host.hub, channel, this)
    host.carriers.add(this)
    response.once('close', () => this.#gone())
  }

  start(): void {
    this.#follower.start(this.#from)
  }

  begin(page: FoundPage): Framing<Buffer> {
    const { host } = this.#exchange
    const config = configOf(page.metadata, page.contentType)
    this.#contentType = config.contentType
    this.#after = page.after
    this.#keeper = IdleKeeper.for(config, this.#follower, host)
    return bodyFraming(modeOf(config.contentType))
  }

  room(): PageLimit {
    const { pagePublications, pageBytes } = this.#exchange.host.limits
    return { count: pagePublications, bytes: pageBytes }
  }

  data(body: Buffer, place: Place): void {
    this.#release()
    const etag = this.#from === 'now' ? undefined : etagBetween(this.#after, place)
    answerPage(this.#exchange, { contentType: this.#contentType, body, place, etag })
  }

  waits(place: Place): void {
    this.#place = place
    if (place.closed) this.#answerNothing()
    else this.#hold()
  }

  fails(cause: unknown): void {
    this.#release()
    refuseStream(this.#exchange.host, this.#exchange.response, cause)
  }

  /** The time is up, or the node is going away: a normal answer. */
  release(): void {
    if (this.#place !== undefined) this.#answerNothing()
  }

  sweep(): void {
    // Its time is a timer of its own.
  }

  dismiss(): void {
    this.release()
  }

  #hold(): void {
    const { host, identity } = this.#exchange
    const holdMs = holdTimeMs(host.limits.holdMs, undefined, host.random())
    // Nothing is told to whoever's token has run out meanwhile: the next request is refused.
    const tokenMs = (identity.expiresAtMs ?? Infinity) - host.now()
    this.#cancelHold = host.after(Math.min(holdMs, Math.max(0, tokenMs)), () => this.release())
    host.held.add(identity.knownSession, this)
  }

  #answerNothing(): void {
    const place = this.#place as Place
    this.#release()
    answerEmpty(this.#exchange, 204, {
      ...fieldsOf({ ...place, upToDate: true }),
      'stream-cursor': liveCursorOf(this.#exchange),
    })
  }

  #release(): void {
    const { host, identity } = this.#exchange
    if (this.#cancelHold !== undefined) {
      this.#cancelHold()
      this.#cancelHold = undefined
      host.held.remove(identity.knownSession, this)
    }
    this.#keeper?.stop()
    this.#place = undefined
    this.#follower.detach()
  }

  #gone(): void {
    this.#release()
    this.#exchange.host.carriers.delete(this)
  }
}
