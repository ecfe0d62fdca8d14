/** `GET` with `live=long-poll`: the next page, held until there is one or until the time is up. */
import type { PageLimit } from '../channel/index.ts'
import type { Framing } from '../hub/index.ts'
import { type Carrier, type Held, Hold, watch, type Watcher } from '../transport/index.ts'
import { answerEmpty, type Exchange, liveCursorOf, refuseStream } from './exchange.ts'
import { type Audience, Follower } from './follower.ts'
import { bodyFraming } from './framing.ts'
import { IdleKeeper } from './idle-keeper.ts'
import { modeOf } from './media-type.ts'
import { fieldsOf, type FoundPage, type Offset, type Place } from './place.ts'
import { answerPage } from './page-answer.ts'
import { configOf } from './stream-config.ts'

export class LongPoll implements Audience, Carrier, Held, Watcher {
  readonly #exchange: Exchange
  readonly #from: Offset
  readonly #follower: Follower
  #contentType = ''
  /** Where it stands while it is held. */
  #place: Place | undefined
  #after = 0
  #keeper: IdleKeeper | undefined
  #hold: Hold | undefined

  constructor(exchange: Exchange, from: Offset) {
    const { host, channel, response } = exchange
    this.#exchange = exchange
    this.#from = from
    this.#follower = new Follower(host.hub, channel, this)
    host.carriers.add(this)
    watch(response, this)
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
    const contentType = this.#contentType
    answerPage(this.#exchange, { contentType, body, place, from: this.#from, after: this.#after })
  }

  waits(place: Place): void {
    this.#place = place
    if (place.closed) this.#answerNothing()
    else this.#wait()
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
    // Its hold has a deadline of its own.
  }

  dismiss(): void {
    this.release()
  }

  over(): void {
    this.#release()
    this.#exchange.host.carriers.delete(this)
  }

  #wait(): void {
    const { host, identity } = this.#exchange
    this.#hold = new Hold(host, identity, this)
    this.#hold.begin()
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
    this.#hold?.end()
    this.#hold = undefined
    this.#keeper?.stop()
    this.#place = undefined
    this.#follower.detach()
  }
}
