import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CLUBS, fixturesOf } from '../../../examples/scores/league.ts'
import { playMatch } from '../../../examples/scores/match.ts'
import { matchdayOf, tableOf } from './standings.ts'

const rounds = fc.integer({ min: 0, max: 2_000_000 })
const fixtures = fc
  .tuple(rounds, fc.integer({ min: 0, max: 3 }))
  .map(([round, place]) => fixturesOf(round)[place]!)

test('a season: everyone plays once a matchday, and meets everyone once at home and once away', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      const first = round - matchdayOf(round) + 1
      const pairs = new Set<string>()
      for (let each = first; each < first + 14; each++) {
        const clubs = fixturesOf(each).flatMap(({ home, away }) => [home, away])
        assert.equal(new Set(clubs).size, CLUBS.length)
        for (const { home, away } of fixturesOf(each)) pairs.add(`${home} ${away}`)
      }
      assert.equal(pairs.size, CLUBS.length * (CLUBS.length - 1))
      assert.deepEqual([matchdayOf(first), matchdayOf(first + 13), matchdayOf(first + 14)], [1, 14, 1])
    }),
    { numRuns: 30 },
  )
})

test('the table is what has been scored, in a match that is played as in one that is over', () => {
  fc.assert(
    fc.property(fixtures, fc.nat(), (fixture, nth) => {
      const events = playMatch(fixture)
      const { score } = events[nth % events.length]!
      const table = tableOf([{ ...fixture, score }], [])
      assert.equal(table.length, CLUBS.length)
      const points = table.reduce((sum, row) => sum + row.points, 0)
      assert.equal(points, score[0] === score[1] ? 2 : 3)
      assert.equal(
        table.reduce((sum, row) => sum + row.scored - row.conceded, 0),
        0,
      )
    }),
  )
})

test('of the news the results of this season count, and nothing of another or of now', () => {
  const first = 35_714 * 14
  const news = Array.from({ length: 30 }, (_, each) =>
    fixturesOf(first - 15 + each).flatMap(playMatch),
  ).flat()
  const matches = (round: number) => fixturesOf(round).map((fixture) => playMatch(fixture).at(-1)!)
  const played = (round: number) => new Set(tableOf(matches(round), news).map(({ played }) => played))
  assert.deepEqual([matchdayOf(first), played(first), played(first + 13)], [1, new Set([1]), new Set([14])])
  const late = tableOf(matches(first + 13), news)
  assert.ok(late.every((row, index) => index === 0 || row.points <= late[index - 1]!.points))
})
