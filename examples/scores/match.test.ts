import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fixturesOf, kickOffMs, ROUND_MS, roundAt, squadOf } from './league.ts'
import { minuteAt, MINUTE_MS, playMatch } from './match.ts'
import { decodeEvent, type MatchEvent } from './match-event.ts'

const rounds = fc.integer({ min: 0, max: 2_000_000 })
const fixtures = fc
  .tuple(rounds, fc.integer({ min: 0, max: 3 }))
  .map(([round, place]) => fixturesOf(round)[place]!)

const kinds = (events: readonly MatchEvent[], kind: MatchEvent['kind']) =>
  events.filter((each) => each.kind === kind)

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
      assert.ok(events.every(({ atMs }, index) => atMs > (events[index - 1]?.atMs ?? 0)))
      assert.equal(events[0]?.kind, 'kick-off')
      assert.equal(events.at(-1)?.kind, 'full-time')
      for (const kind of ['kick-off', 'half-time', 'second-half', 'full-time'] as const)
        assert.equal(kinds(events, kind).length, 1)
      assert.equal(events[0]?.atMs, kickOffMs(fixture.round))
      assert.ok((events.at(-1)?.atMs ?? Infinity) < kickOffMs(fixture.round) + ROUND_MS - 20_000)
    }),
  )
})

test('nobody plays who is not on the pitch, two yellow cards are a red one, and the score is what was scored', () => {
  fc.assert(
    fc.property(fixtures, (fixture) => {
      const events = playMatch(fixture)
      for (const side of ['home', 'away'] as const) {
        const pitch = new Set(squadOf(fixture[side]))
        assert.equal(pitch.size, 11)
        let goals = 0
        const booked = new Set<string>()
        for (const { kind, player = '', score } of events.filter((each) => each.side === side)) {
          assert.ok(pitch.has(player), `${kind} of ${player}`)
          if (kind === 'goal') assert.equal(score[side === 'home' ? 0 : 1], ++goals)
          if (kind === 'red') assert.ok(booked.has(player) && pitch.delete(player))
          if (kind === 'yellow') assert.ok(!booked.has(player))
          booked.add(kind === 'yellow' ? player : '')
        }
        assert.equal(events.at(-1)?.score[side === 'home' ? 0 : 1], goals)
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
})

test('an event survives the wire, and what is none is none', () => {
  fc.assert(
    fc.property(fixtures, fc.jsonValue(), (fixture, data) => {
      const events = playMatch(fixture)
      assert.deepEqual(
        events.map((event) => decodeEvent(JSON.parse(JSON.stringify(event)))),
        events,
      )
      assert.equal(decodeEvent(data), undefined)
      for (const wrong of [
        { kind: 'own goal' },
        { score: [1] },
        { side: 'left' },
        { player: 1 },
        { minute: '1' },
      ])
        assert.equal(decodeEvent({ ...events[0], ...wrong }), undefined)
    }),
  )
})

test('the clock of a half stands still at its end, and never runs backwards', () => {
  const at = (minute: number) => minuteAt(minute * MINUTE_MS)
  assert.deepEqual([at(0), at(44.5), at(46), at(50)], [1, 45, 45, 45])
  fc.assert(
    fc.property(fc.integer({ min: 0, max: ROUND_MS }), (ms) => {
      assert.ok(minuteAt(ms) <= minuteAt(ms + 100) && minuteAt(ms) >= 1 && minuteAt(ms) <= 90)
    }),
  )
  assert.equal(minuteAt(ROUND_MS), 90)
})
