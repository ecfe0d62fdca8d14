/** The list behind `useLog`: what has been delivered of a channel, bounded, without holes. It draws nothing. */
import type { Channel, From, GapNotice, Publication, SubscriptionEnd } from '../client/index.ts'
import { FrameStore } from './frame-store.ts'
import { follow } from './subscription.ts'

export interface Log<T> {
  readonly publications: readonly Publication<T>[]
  /** The last gap, if there was one. */
  readonly gap: GapNotice | undefined
  /** The log has answered: what is shown is what there is. */
  readonly ready: boolean
  /** Why nothing more will come. */
  readonly ended: SubscriptionEnd | undefined
  /** What lies before the first: more, nothing at all, or what is no longer kept. */
  readonly earlier: 'unknown' | 'some' | 'loading' | 'beginning' | 'trimmed'
  /** Puts what lies before the first in front of it. @param count default 100 @throws RefusedError */
  readonly loadEarlier: (count?: number) => Promise<void>
}

export const NO_LOG: Log<never> = {
  publications: [],
  gap: undefined,
  ready: false,
  ended: undefined,
  earlier: 'unknown',
  loadEarlier: async () => undefined,
}

const PAGE = 100

export class LogList<T> {
  readonly store: FrameStore<Log<T>>
  readonly #channel: Channel<T>
  readonly #from: From
  readonly #publications: Publication<T>[] = []
  /** Those at the front that belong to an earlier life of the log: nothing before them can be had. */
  #former = 0
  #limit = Infinity
  /** What was asked for with `loadEarlier` is kept beyond the limit. */
  #loaded = 0
  #floor = 0
  #loading = false
  #gap: GapNotice | undefined
  #ready = false
  #ended: SubscriptionEnd | undefined
  /** Where it goes on when the view is shown again. */
  #cursor: string | undefined

  constructor(channel: Channel<T>, from: From) {
    this.#channel = channel
    this.#from = from
    this.store = new FrameStore(() => this.#log())
  }

  follow(limit: number): () => void {
    this.#limit = limit
    this.#ended = undefined
    this.store.touch()
    const end = follow(
      this.#channel,
      { from: this.#cursor ?? this.#from },
      {
        onPublication: (publication) => this.#add(publication),
        onGap: (gap) => this.#miss(gap),
        onReady: () => {
          this.#ready = true
          this.store.touch()
        },
        onEnd: (ended) => {
          this.#ended = ended
          this.store.touch()
        },
      },
      (cursor) => (this.#cursor = cursor ?? this.#cursor),
    )
    return end
  }

  #add(publication: Publication<T>): void {
    this.#publications.push(publication)
    // Seldom, so that it costs little for each.
    if (this.#publications.length > 2 * this.#kept && !this.#loading) this.#trim()
    this.store.touch()
  }

  #miss(gap: GapNotice): void {
    this.#gap = gap
    if (gap.why !== 'trimmed') this.#former = this.#publications.length
    this.store.touch()
  }

  get #kept(): number {
    return this.#limit + this.#loaded
  }

  #trim(): void {
    const surplus = Math.max(0, this.#publications.length - this.#kept)
    this.#publications.splice(0, surplus)
    this.#former = Math.max(0, this.#former - surplus)
  }

  readonly #loadEarlier = async (count: number = PAGE): Promise<void> => {
    if (this.#loading || this.#earlier() !== 'some') return
    this.#trim()
    this.#loading = true
    this.store.touch()
    try {
      const [first] = this.#publications
      const last = this.#publications.at(-1)
      const known = first === undefined || last === undefined ? 0 : last.offset - first.offset + 1
      const page = await this.#channel.history({ from: { last: known + count }, limit: count })
      const [start] = this.#publications
      const older =
        start === undefined
          ? page.publications
          : page.publications.filter(({ offset }) => offset < start.offset)
      this.#publications.unshift(...older)
      this.#loaded = Math.max(0, this.#publications.length - this.#limit)
      this.#floor = older.length === 0 ? Infinity : page.floor
    } finally {
      this.#loading = false
      this.store.touch()
    }
  }

  #earlier(): Log<T>['earlier'] {
    if (this.#loading) return 'loading'
    const shown = Math.max(0, this.#publications.length - this.#kept)
    const first = this.#publications[shown]
    if (first === undefined) {
      if (!this.#ready) return 'unknown'
      return this.#from === 'start' || typeof this.#from === 'object' || this.#floor > 0
        ? 'beginning'
        : 'some'
    }
    if (first.offset <= 1) return 'beginning'
    return shown < this.#former || first.offset <= this.#floor ? 'trimmed' : 'some'
  }

  #log(): Log<T> {
    return {
      publications: this.#publications.slice(-this.#kept),
      gap: this.#gap,
      ready: this.#ready,
      ended: this.#ended,
      earlier: this.#earlier(),
      loadEarlier: this.#loadEarlier,
    }
  }
}
