// A broker that lives elsewhere: nothing of it can be borrowed, its answers come late, its hints late and in any order,
// and now and then it is away. No test stands here.
import {
  type Broker,
  BrokerUnavailableError,
  type Move,
  type Page,
  type ReadRequest,
  type Watch,
} from '../../channel/index.ts'
import type { Schedule } from './schedule.test.ts'

export class Elsewhere implements Pick<Broker, 'read' | 'watch'> {
  readonly #inner: Broker
  readonly #schedule: Schedule
  /** How often a read fails. */
  failing = 0
  watches = 0

  constructor(inner: Broker, schedule: Schedule) {
    this.#inner = inner
    this.#schedule = schedule
  }

  async read(requests: readonly ReadRequest[]): Promise<Page[]> {
    await this.#schedule.pause()
    if (this.#schedule.chance(this.failing)) throw new BrokerUnavailableError('asking')
    const pages = await this.#inner.read(requests)
    await this.#schedule.pause()
    if (this.#schedule.chance(this.failing)) throw new BrokerUnavailableError('answering')
    return pages
  }

  async watch(channel: string, moved: (move: Move) => void): Promise<Watch> {
    await this.#schedule.pause()
    let released = false
    const watch = await this.#inner.watch(channel, (move) => {
      this.#schedule.later(() => {
        if (!released) moved(move)
      })
    })
    this.watches++
    await this.#schedule.pause()
    return {
      borrow: undefined,
      release: () => {
        if (released) return
        released = true
        this.watches--
        watch.release()
      },
    }
  }
}
