/** Any operations in any order, against a naive model: arrays and nothing clever. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ChannelOptions, Covering, Position } from '../../channel/index.ts'
import { EPHEMERAL, type Found, KEYED, keeping, type MakeBroker, setStage, type Stage } from './stage.ts'

interface Entry {
  readonly offset: number
  readonly key: string | undefined
  readonly data: string
  readonly removed: boolean
}

/** One life of the channel, with every entry that was ever appended. */
class Life {
  readonly epoch: string
  readonly all: Entry[] = []
  constructor(epoch: string) {
    this.epoch = epoch
  }
}

type Operation =
  | { readonly kind: 'append'; readonly keys: readonly string[]; readonly remove: boolean }
  | { readonly kind: 'trim'; readonly before: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'read'; readonly reader: number; readonly count: number; readonly bytes: number }
  | { readonly kind: 'move'; readonly reader: number; readonly to: number }

const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        keys: fc.array(fc.constantFrom('a', 'b', 'c', '__proto__'), { minLength: 1, maxLength: 5 }),
        remove: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('trim' as const), before: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(60) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        reader: fc.nat(2),
        count: fc.integer({ min: 1, max: 6 }),
        bytes: fc.constantFrom(1, 200, 100_000),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('move' as const), reader: fc.nat(2), to: fc.nat(20) }),
    },
  ),
  { maxLength: 80, size: 'max' },
)

export const modelSuite = (make: MakeBroker, numRuns: number): void => {
  const kinds: [string, ChannelOptions][] = [
    ['plain', keeping({ count: 6, ageMs: 100, bytes: 600 })],
    ['ephemeral', keeping({ count: 3 }, EPHEMERAL)],
    ['keyed', keeping({ count: 6, ageMs: 100 }, KEYED)],
  ]
  for (const [name, options] of kinds) {
    for (const conflate of name === 'keyed' ? [false, true] : [false]) {
      test(`model: ${name}${conflate ? ', conflating' : ''}: every page continues its cursor, or says why not`, async () => {
        await fc.assert(
          fc.asyncProperty(operations, async (script) => {
            const stage = await setStage(make)
            const run = new Run(stage, options, conflate)
            for (const operation of script) await run.perform(operation)
            await stage.broker.dispose()
          }),
          { numRuns },
        )
      })
    }
  }
}

class Run {
  readonly #stage: Stage
  readonly #options: ChannelOptions
  readonly #conflate: boolean
  readonly #cursors: Position[] = ['start', 'start', 'now']
  #life: Life | undefined
  #deleted = false
  #serial = 0

  constructor(stage: Stage, options: ChannelOptions, conflate: boolean) {
    this.#stage = stage
    this.#options = options
    this.#conflate = conflate
  }

  async perform(operation: Operation): Promise<void> {
    const { broker, clock } = this.#stage
    switch (operation.kind) {
      case 'append':
        return this.#append(operation)
      case 'trim':
        await broker.trim('c', operation.before)
        return
      case 'delete':
        assert.equal(await broker.delete('c'), this.#life !== undefined)
        this.#deleted ||= this.#life !== undefined
        this.#life = undefined
        return
      case 'pass':
        clock.ms += operation.ms
        return broker.sweep()
      case 'move': {
        const epoch = this.#life?.epoch ?? '0000000000000'
        this.#cursors[operation.reader] = { epoch, offset: operation.to }
        return
      }
      case 'read':
        return this.#read(operation)
    }
  }

  async #append({ keys, remove }: Extract<Operation, { kind: 'append' }>): Promise<void> {
    const keyed = this.#options.conflated
    const entries = keys.map((key, index) => {
      const removed = keyed && remove && index === 0
      const data = removed ? 'null' : String(++this.#serial)
      return keyed ? { key, data, remove: removed } : { data }
    })
    const result = await this.#stage.append(entries, { create: this.#options })
    assert.equal(result.kind, 'appended')
    if (result.kind !== 'appended') return
    this.#life ??= new Life(result.epoch)
    assert.equal(result.epoch, this.#life.epoch)
    const { all } = this.#life
    assert.deepEqual([result.first, result.last], [all.length + 1, all.length + entries.length])
    for (const entry of entries) {
      const key = 'key' in entry ? entry.key : undefined
      const removed = 'remove' in entry && entry.remove
      all.push({ offset: all.length + 1, key, data: entry.data, removed })
    }
  }

  async #read({ reader, count, bytes }: Extract<Operation, { kind: 'read' }>): Promise<void> {
    const from = this.#cursors[reader] as Position
    const page = await this.#stage.page(from, { conflate: this.#conflate, limit: { count, bytes } })
    const life = this.#life
    if (life === undefined) {
      assert.deepEqual(page, { kind: 'missing', code: this.#deleted ? 'deleted' : 'not_found' })
      return
    }
    assert.equal(page.kind, 'page')
    const found = page as Found
    assert.deepEqual([found.epoch, found.top], [life.epoch, life.all.length])
    assert.ok(found.floor >= 1 && found.floor <= found.top + 1)
    this.#checkBeginning(from, found)
    if (this.#conflate) this.#checkConflated(found, life)
    else this.#checkPlain(found, life, count)
    assert.ok(found.upTo > found.after || found.upTo === found.top, 'a page goes on, or the top is reached')
    this.#cursors[reader] = { epoch: found.epoch, offset: found.upTo }
  }

  /** A gap or a skip exactly where the resume rule has one. */
  #checkBeginning(from: Position, { epoch, floor, top, gap, skippedFrom, after }: Found): void {
    if (typeof from === 'string' || 'last' in from) {
      assert.deepEqual([gap, skippedFrom], [undefined, undefined])
      assert.equal(after, from === 'now' ? top : this.#conflate ? 0 : floor - 1)
    } else if (from.epoch !== epoch) {
      assert.equal(gap, 'epoch')
    } else if (from.offset > top) {
      assert.equal(gap, 'ahead')
    } else if (from.offset >= floor - 1) {
      assert.deepEqual([gap, skippedFrom, after], [undefined, undefined, from.offset])
    } else if (this.#options.ephemeral) {
      assert.deepEqual([gap, skippedFrom, after], [undefined, from.offset, floor - 1])
    } else if (!this.#conflate) {
      assert.deepEqual([gap, after], ['trimmed', floor - 1])
    } else if (gap !== undefined) {
      assert.deepEqual([gap, after], ['trimmed', 0])
      const dropped = this.#life?.all.slice(from.offset, floor - 1) ?? []
      assert.ok(
        dropped.some(({ removed }) => removed),
        'trimmed without a dropped tombstone above it',
      )
    }
  }

  #checkPlain(page: Found, life: Life, count: number): void {
    const expected = life.all.slice(page.after, page.upTo)
    assert.ok(expected.length <= count)
    assert.deepEqual(page.entries.map(entryOf), expected)
    for (const { from, publication } of page.entries) assert.equal(from, publication.offset - 1)
  }

  /** Whoever had the map of `after` has the map of `upTo`, as if every entry had been read. */
  #checkConflated(page: Found, life: Life): void {
    let at = page.after
    const map = page.after === 0 ? new Map<string, string>() : mapOf(life, page.after)
    for (const { from, publication } of page.entries) {
      assert.equal(from, at)
      at = publication.offset
      const original = life.all[at - 1]
      assert.deepEqual(entryOf({ from, publication }), original)
      apply(map, original as Entry)
    }
    assert.ok(page.upTo >= at && page.upTo <= page.top)
    const truth = mapOf(life, page.top)
    const later = new Set(life.all.slice(page.upTo).map(({ key }) => key as string))
    for (const key of new Set([...map.keys(), ...truth.keys()])) {
      if (!later.has(key)) assert.equal(map.get(key), truth.get(key), `key ${key}`)
    }
  }
}

const entryOf = ({ publication }: Covering): Entry => {
  const { offset, key, data, removed } = publication
  return { offset, key, data: data as string, removed }
}

const apply = (map: Map<string, string>, { key, data, removed }: Entry): void => {
  if (removed) map.delete(key as string)
  else map.set(key as string, data)
}

const mapOf = (life: Life, upTo: number): Map<string, string> => {
  const map = new Map<string, string>()
  for (const entry of life.all.slice(0, upTo)) apply(map, entry)
  return map
}
