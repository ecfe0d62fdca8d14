/** A match from its fixture alone: the same fixture is always the same match, on every node and whenever it is asked. */
import { type Fixture, kickOffMs, squadOf } from './league.ts'
import type { EventKind, MatchEvent } from './match-event.ts'

/** A minute of the match lasts this long. */
export const MINUTE_MS = 3_600
const HALF_MS = 45 * MINUTE_MS
const BREAK_MS = 20_000
/** For each minute of a side. */
const GOALS = 0.0165
const CARDS = 0.018

/** What the clock of a match shows, this long after its kick-off. */
export const minuteAt = (afterMs: number): number =>
  afterMs < HALF_MS + BREAK_MS
    ? Math.min(45, 1 + Math.floor(afterMs / MINUTE_MS))
    : Math.min(90, 1 + Math.floor((afterMs - BREAK_MS) / MINUTE_MS))

/** What happens in it, in the order of time. */
export const playMatch = (fixture: Fixture): readonly MatchEvent[] => {
  const chance = chanceFrom(fixture.round * 16 + fixture.place)
  const teams = (['home', 'away'] as const).map((side) => ({
    side,
    goals: 0,
    booked: new Set<string>(),
    pitch: squadOf(fixture[side]),
  }))
  const events: MatchEvent[] = []
  const tell = (kind: EventKind, afterMs: number, by: Pick<MatchEvent, 'side' | 'player'> = {}): void => {
    const when = { minute: minuteAt(afterMs), atMs: kickOffMs(fixture.round) + afterMs }
    events.push({ ...fixture, kind, ...when, score: teams.map(({ goals }) => goals), ...by })
  }

  tell('kick-off', 0)
  for (let minute = 0; minute < 90; minute++) {
    if (minute === 45) {
      tell('half-time', HALF_MS)
      tell('second-half', HALF_MS + BREAK_MS)
    }
    for (const [index, team] of teams.entries()) {
      const { side, pitch, booked } = team
      // Each side has a half of the minute, so that what happens has an order.
      const fromMs = minute * MINUTE_MS + (minute < 45 ? 0 : BREAK_MS) + (index * MINUTE_MS) / 2
      const afterMs = fromMs + 1 + Math.floor((chance() * MINUTE_MS) / 3)
      const player = pitch.at(Math.floor(chance() * pitch.length)) as string
      // Ten score less than eleven.
      const goals = GOALS * (pitch.length / 11) ** 2
      const luck = chance()
      if (luck >= goals + CARDS) continue
      const kind = luck < goals ? 'goal' : booked.has(player) ? 'red' : 'yellow'
      if (kind === 'goal') team.goals++
      if (kind === 'yellow') booked.add(player)
      if (kind === 'red') pitch.splice(pitch.indexOf(player), 1)
      tell(kind, afterMs, { side, player })
    }
  }
  tell('full-time', 2 * HALF_MS + BREAK_MS)
  return events
}

/** Randomness from a seed (mulberry32). */
const chanceFrom = (seed: number) => {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
