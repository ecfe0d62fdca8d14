import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Covering, conflate, Conflation } from './conflation.ts'
import { Log } from './log.ts'
import type { Publication } from './publication.ts'

const EVERYTHING = { count: Infinity, bytes: Infinity }

/** A keyed log: `a1 b2 a-` appends a=1, b=2 and a tombstone of a; `!3` trims before 3; ` 7` has no key. */
class Keyed {
  readonly log: Log = new Log('e')
  readonly conflation: Conflation = new Conflation()
  readonly all: Publication[] = []

  run(script: string): this {
    for (const word of script.split(' ')) {
      if (word.startsWith('!')) this.conflation.dropped(this.log.trim(Number(word.slice(1))))
      else this.append(word[0] as string, word.slice(1))
    }
    return this
  }

  append(key: string, data: string): void {
    const removed = data === '-'
    const publication = {
      offset: this.log.top + 1,
      time: 0,
      data: removed ? 'null' : data,
      key,
      removed,
      producer: undefined,
      stamp: undefined,
    }
    this.log.append(publication)
    this.all.push(publication)
    this.conflation.appended(key, publication)
  }

  read(after: number, limit = EVERYTHING): string {
    return written(this.conflation.read(after, this.log, limit).entries)
  }
}

/** `from>key=data@offset` of each. */
const written = (entries: readonly Covering[]): string =>
  entries
    .map(
      ({ from, publication: { key, data, removed, offset } }) =>
        `${from}>${key}=${removed ? '-' : data}@${offset}`,
    )
    .join(' ')

test('a reader is given the latest entry of each key after its cursor, in offset order', () => {
  const keyed = new Keyed().run('a1 b1 a2 c1')
  assert.equal(keyed.read(0), '0>b=1@2 2>a=2@3 3>c=1@4')
  assert.equal(keyed.read(2), '2>a=2@3 3>c=1@4')
  assert.equal(keyed.read(4), '')
  assert.equal(keyed.conflation.size, 3)
})

test('the latest of each key outlives the log', () => {
  const keyed = new Keyed().run('a1 b1 a2 c1 !99 c2')
  assert.equal(keyed.read(0), '0>b=1@2 2>a=2@3 3>c=2@5')
  assert.equal(keyed.read(2), '2>a=2@3 3>c=2@5')
  assert.equal(keyed.conflation.servesFrom, 0)
})

test('a tombstone is served while the log holds it; once dropped, cursors below it are not served', () => {
  const keyed = new Keyed().run('a1 b1 a-')
  assert.equal(keyed.read(0), '0>b=1@2 2>a=-@3')
  assert.equal(keyed.conflation.size, 1)
  assert.equal(keyed.conflation.has('a'), false)
  keyed.run('!99')
  assert.equal(keyed.read(0), '0>b=1@2')
  assert.equal(keyed.conflation.servesFrom, 3)
})

test('a tombstone that a later value supersedes is dropped without a trace', () => {
  const keyed = new Keyed().run('a1 a- a2 !99')
  assert.equal(keyed.conflation.servesFrom, 0)
  assert.equal(keyed.read(0), '0>a=2@3')
})

test('a second tombstone counts no key twice', () => {
  const keyed = new Keyed().run('a1 a- a- b-')
  assert.equal(keyed.conflation.size, 0)
  keyed.run('a2')
  assert.equal(keyed.conflation.size, 1)
})

test('a page ends at its count or its bytes, and holds one at least', () => {
  const keyed = new Keyed().run('a1 b1 c1 !3')
  assert.equal(keyed.read(0, { count: 2, bytes: Infinity }), '0>a=1@1 1>b=1@2')
  assert.equal(keyed.read(0, { count: 9, bytes: 140 }), '0>a=1@1 1>b=1@2')
  assert.equal(keyed.read(0, { count: 9, bytes: 1 }), '0>a=1@1')
  assert.equal(keyed.read(1, { count: 9, bytes: 140 }), '1>b=1@2 2>c=1@3')
  assert.equal(keyed.read(1, { count: 0, bytes: 140 }), '')
  assert.equal(keyed.conflation.read(1, keyed.log, { count: 0, bytes: 140 }).upTo, 1)
})

test('a page says how far it covers: to its last entry, or to the top when nothing is left', () => {
  const { conflation, log } = new Keyed().run('a1 b1 c1 a2')
  assert.equal(conflation.read(0, log, { count: 2, bytes: Infinity }).upTo, 3)
  assert.equal(conflation.read(0, log, EVERYTHING).upTo, 4)
  assert.equal(conflation.read(4, log, EVERYTHING).upTo, 4)
  const kept = new Keyed().run('a1 a- !99')
  assert.equal(kept.conflation.read(0, kept.log, EVERYTHING).upTo, 2)
})

test('a first page ends at the last dropped tombstone, whatever its limit: no other end could be resumed from', () => {
  const keyed = new Keyed().run('a1 b1 c1 d1 d- !99 e1 f1')
  const { conflation, log } = keyed
  const limit = { count: 1, bytes: 1 }
  const page = conflation.read(0, log, limit)
  assert.equal(written(page.entries), '0>a=1@1 1>b=1@2 2>c=1@3')
  assert.equal(page.upTo, 5)
  const roomy = conflation.read(0, log, EVERYTHING)
  assert.equal(written(roomy.entries), '0>a=1@1 1>b=1@2 2>c=1@3', 'what lies behind it is a page of its own')
  assert.equal(roomy.upTo, 5)
  assert.equal(written(conflation.read(page.upTo, log, limit).entries), '5>e=1@6')
})

test('entries that were superseded below the floor are let go of', () => {
  const keyed = new Keyed()
  for (let round = 0; round < 50; round++) keyed.run(`a${round} b${round} !99999`)
  assert.equal(keyed.conflation.keptBelowFloor <= 4, true, `${keyed.conflation.keptBelowFloor} kept`)
  assert.equal(keyed.read(0), '0>a=49@99 99>b=49@100')
})

test('thinning out a run keeps the latest of each key, and says what each stands for', () => {
  const { log } = new Keyed().run('a1 b1 a2 b- a3 c1')
  assert.equal(written(conflate(1, 5, log)), '1>b=-@4 4>a=3@5')
  assert.equal(written(conflate(5, 6, log)), '5>c=1@6')
  assert.equal(written(conflate(3, 3, log)), '')
})

test('thinning out a run loses nothing that has no key', () => {
  const log = new Log('e')
  for (const key of [undefined, 'a', undefined, 'a']) {
    const offset = log.top + 1
    log.append({ offset, time: 0, data: '1', key, removed: false, producer: undefined, stamp: undefined })
  }
  assert.deepEqual(
    conflate(0, 4, log).map(({ from, publication }) => [from, publication.offset]),
    [
      [0, 1],
      [1, 3],
      [3, 4],
    ],
  )
})

test('whatever was put, removed and trimmed: who reads page by page ends with the map of the log', () => {
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...'abcde'), fc.nat(9)).map(([k, v]) => k + v) },
    { weight: 2, arbitrary: fc.constantFrom(...'abcde').map((k) => `${k}-`) },
    { weight: 1, arbitrary: fc.nat(60).map((before) => `!${before}`) },
  )
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      (words, count) => {
        const keyed = new Keyed().run(words.join(' '))
        const { conflation, log } = keyed
        const truth = mapOf(keyed.all, log.top)
        assert.equal(conflation.size, truth.size)
        for (let cursor = 0; cursor <= log.top; cursor++) {
          // Below the last dropped tombstone only the start can be served, to a reader with an empty map.
          if (cursor > 0 && cursor < conflation.servesFrom) continue
          const map = cursor === 0 ? new Map<string, string>() : mapOf(keyed.all, cursor)
          let at = cursor
          while (at < log.top) {
            const page = conflation.read(at, log, { count, bytes: Infinity })
            for (const { from, publication } of page.entries) {
              assert.equal(from, at)
              at = publication.offset
              put(map, publication)
            }
            assert.ok(page.upTo >= at && (page.entries.length > 0 || page.upTo > cursor))
            // Beyond its last entry a page goes only to the last dropped tombstone, where a first page ends.
            assert.equal(page.upTo, at < conflation.servesFrom ? conflation.servesFrom : at)
            at = page.upTo
          }
          assert.deepEqual(map, truth)
        }
      },
    ),
    { numRuns: 500 },
  )
})

const put = (map: Map<string, string>, { key, data, removed }: Publication): void => {
  if (removed) map.delete(key as string)
  else map.set(key as string, data as string)
}

const mapOf = (all: readonly Publication[], upTo: number): Map<string, string> => {
  const map = new Map<string, string>()
  for (const publication of all) if (publication.offset <= upTo) put(map, publication)
  return map
}
