// What really happened in a channel: every life of it with every entry, and what was let go of when. A follower is
// judged by it. No test stands here.
import assert from 'node:assert/strict'
import type { GapReason, Move, Publication } from '../../channel/index.ts'

interface Life {
  readonly epoch: string
  readonly all: Publication[]
  floor: number
  status: Move['status']
}

export class Reference {
  readonly #lives = new Map<string, Life>()
  current: Life | undefined
  /** What is about to be appended. */
  appending: Omit<Publication, 'offset'>[] = []

  /** Told by the broker in the step in which it happens: nobody hears of it before. */
  moved({ epoch, floor, top, status }: Move): void {
    let life = this.#lives.get(epoch)
    if (life === undefined) this.#lives.set(epoch, (life = { epoch, all: [], floor: 1, status: 'open' }))
    while (life.all.length < top) {
      const entry = this.appending.shift() ?? assert.fail('nobody has appended that')
      life.all.push({ ...entry, offset: life.all.length + 1 })
    }
    life.floor = floor
    life.status = status
    this.current = status === 'deleted' ? undefined : life
  }

  life(epoch: string): Life {
    return this.#lives.get(epoch) ?? assert.fail(`there never was a life ${epoch}`)
  }

  /** The value of each key at an offset. */
  mapAt(epoch: string, offset: number): Map<string, string> {
    const map = new Map<string, string>()
    for (const publication of this.life(epoch).all.slice(0, offset)) put(map, publication)
    return map
  }

  /** A gap from (epoch, offset) is justified by what has happened up to now. */
  checkGap(why: GapReason, from: { epoch: string; offset: number }, conflating: boolean): void {
    const life = this.#lives.get(from.epoch)
    switch (why) {
      case 'epoch':
        assert.notEqual(this.current?.epoch === from.epoch && this.current.status, 'open', 'its life goes on')
        return
      case 'ahead':
        assert.ok(life !== undefined && from.offset > life.all.length, 'it is not ahead')
        return
      case 'trimmed': {
        assert.ok(life !== undefined && from.offset < life.floor - 1, 'what follows it is still held')
        const dropped = life.all.slice(from.offset, life.floor - 1)
        assert.ok(!conflating || dropped.some(({ removed }) => removed), 'no tombstone was dropped')
        return
      }
      default:
        assert.fail(`a gap for ${why}`)
    }
  }
}

export const put = (map: Map<string, string>, { key, data, removed }: Publication): void => {
  if (removed) map.delete(key as string)
  else map.set(key as string, data as string)
}
