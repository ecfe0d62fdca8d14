import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CLUBS, fixturesOf, kickOffMs, matchdayOf, ROUND_MS, roundAt, seasonStart } from './league.ts'
import { clockText, type MatchEvent, MINUTE_MS, playMatch } from './match.ts'
import { resultsBefore, stateAt, tableOf } from './standings.ts'

const rounds = fc.integer({ min: 0, max: 2_000_000 })
const fixtures = fc
  .tuple(rounds, fc.integer({ min: 0, max: 3 }))
  .map(([round, place]) => fixturesOf(round)[place]!)

const kinds = (events: readonly MatchEvent[], kind: MatchEvent['kind']) =>
  events.filter((each) => each.kind === kind)

test('a season: everyone plays once a matchday, and meets everyone once at home and once away', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      const first = seasonStart(round)
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

test('a round is where the clock is', () => {
  fc.assert(
    fc.property(rounds, fc.integer({ min: 0, max: ROUND_MS - 1 }), (round, ms) =>
      assert.equal(roundAt(kickOffMs(round) + ms), round),
    ),
  )
})

test('a match is the same whenever it is played, in the order of time, with two halves, and over before the next', () => {
  fc.assert(
    fc.property(fixtures, (fixture) => {
      const events = playMatch(fixture)
      assert.deepEqual(playMatch({ ...fixture }), events)
      assert.ok(events.every(({ afterMs }, index) => afterMs >= (events[index - 1]?.afterMs ?? 0)))
      assert.equal(events[0]?.kind, 'kick-off')
      assert.equal(events.at(-1)?.kind, 'full-time')
      for (const kind of ['kick-off', 'half-time', 'second-half', 'full-time'] as const)
        assert.equal(kinds(events, kind).length, 1)
      assert.ok((events.at(-1)?.afterMs ?? Infinity) < ROUND_MS - 20_000)
    }),
  )
})

test('nobody plays who is not on the pitch, nobody comes on twice, and the score is what was scored', () => {
  fc.assert(
    fc.property(fixtures, (fixture) => {
      const events = playMatch(fixture)
      for (const side of ['home', 'away'] as const) {
        const club = CLUBS.find(({ name }) => name === fixture[side])!
        const pitch = new Set(club.squad.slice(0, 11))
        let goals = 0
        const booked = new Set<string>()
        for (const { kind, player = '', other = '', score } of events.filter((each) => each.side === side)) {
          assert.ok(pitch.has(player), `${kind} of ${player}`)
          if (kind === 'goal') assert.equal(score[side === 'home' ? 0 : 1], ++goals)
          if (kind === 'yellow') booked.add(player)
          if (kind === 'red') pitch.delete(player)
          if (kind !== 'substitution') continue
          assert.ok(!pitch.has(other) && club.squad.includes(other))
          pitch.delete(player)
          pitch.add(other)
        }
        assert.ok(pitch.size >= 7)
        assert.equal(events.at(-1)?.score[side === 'home' ? 0 : 1], goals)
        assert.ok(events.filter((each) => each.side === side && each.kind === 'substitution').length <= 3)
      }
    }),
  )
})

test('matches are plausible: two to four goals, three to five cards, a player sent off in few', () => {
  const matches = Array.from({ length: 1_000 }, (_, round) => playMatch(fixturesOf(round)[round % 4]!))
  const each = (kind: MatchEvent['kind']) =>
    matches.flatMap((events) => kinds(events, kind)).length / matches.length
  assert.ok(each('goal') > 2 && each('goal') < 4, `${each('goal')} goals`)
  assert.ok(each('yellow') > 2.5 && each('yellow') < 5, `${each('yellow')} cards`)
  assert.ok(each('red') > 0.05 && each('red') < 0.6, `${each('red')} sent off`)
  assert.ok(each('substitution') > 2, `${each('substitution')} substitutions`)
})

test('a state is what has happened by then, and the table is what the states say', () => {
  fc.assert(
    fc.property(fixtures, fc.integer({ min: -1_000, max: ROUND_MS }), (fixture, ms) => {
      const events = playMatch(fixture)
      const state = stateAt(fixture, events, fixture.kickOffMs + ms)
      const happened = events.filter(({ afterMs }) => afterMs <= ms)
      assert.deepEqual(state.score, happened.at(-1)?.score ?? [0, 0])
      assert.equal(state.phase === 'before', happened.length === 0)
      assert.equal(state.phase === 'full-time', happened.length === events.length)
      const table = tableOf([state])
      assert.equal(table.length, CLUBS.length)
      const points = table.reduce((sum, row) => sum + row.points, 0)
      assert.equal(points, state.phase === 'before' ? 0 : state.score[0] === state.score[1] ? 2 : 3)
      assert.equal(
        table.reduce((sum, row) => sum + row.scored - row.conceded, 0),
        0,
      )
    }),
  )
  const late = resultsBefore(seasonStart(500) + 13)
  assert.equal(late.length, 13 * 4)
  assert.ok(tableOf(late).every(({ played }) => played === 13))
  assert.ok(tableOf(late).every((row, index, all) => index === 0 || row.points <= all[index - 1]!.points))
})

test('the clock of a half goes on beyond its end, and never runs backwards', () => {
  const at = (half: 'first' | 'second', minute: number) => clockText(half, (minute + 0.5) * MINUTE_MS)
  assert.deepEqual([at('first', 0), at('first', 44), at('first', 46)], ['1', '45', '45+2'])
  assert.deepEqual([at('second', 0), at('second', 44), at('second', 45)], ['46', '90', '90+1'])
  assert.equal(clockText('first', -5_000), '1')
})
