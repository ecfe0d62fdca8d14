/** How a match stands at a moment, and the table that follows from the matches of a season. Pure: time is handed in. */
import { CLUBS, type Fixture, fixturesOf, seasonStart } from './league.ts'
import { type MatchEvent, playMatch, type Score } from './match.ts'

export type Phase = 'before' | 'first' | 'half-time' | 'second' | 'full-time'

/** What `scores/board` says under `match-1` to `match-4`. */
export interface MatchState extends Fixture {
  readonly phase: Phase
  readonly score: Score
  /** Players sent off. */
  readonly reds: Score
  /** When the half that is played began, milliseconds since 1970. */
  readonly halfMs: number
}

const PHASES: Partial<Record<MatchEvent['kind'], Phase>> = {
  'kick-off': 'first',
  'half-time': 'half-time',
  'second-half': 'second',
  'full-time': 'full-time',
}

export const stateAt = (fixture: Fixture, events: readonly MatchEvent[], nowMs: number): MatchState => {
  let phase: Phase = 'before'
  let score: Score = [0, 0]
  let halfMs = fixture.kickOffMs
  const reds: [number, number] = [0, 0]
  for (const event of events) {
    const atMs = fixture.kickOffMs + event.afterMs
    if (atMs > nowMs) break
    phase = PHASES[event.kind] ?? phase
    score = event.score
    if (event.kind === 'second-half') halfMs = atMs
    if (event.kind === 'red') reds[event.side === 'home' ? 0 : 1]++
  }
  return { ...fixture, phase, score, reds, halfMs }
}

export interface Standing {
  readonly club: string
  readonly played: number
  readonly won: number
  readonly drawn: number
  readonly lost: number
  readonly scored: number
  readonly conceded: number
  readonly points: number
}

/** The table as it is with these results; a match that is being played counts as it stands. */
export const tableOf = (
  matches: readonly Pick<MatchState, 'home' | 'away' | 'phase' | 'score'>[],
): Standing[] => {
  const table = new Map<string, Standing>(CLUBS.map(({ name }) => [name, { club: name, ...NOTHING }]))
  for (const { home, away, phase, score } of matches) {
    if (phase === 'before') continue
    table.set(home, after(table.get(home) as Standing, score[0], score[1]))
    table.set(away, after(table.get(away) as Standing, score[1], score[0]))
  }
  return [...table.values()].sort(
    (a, b) =>
      b.points - a.points ||
      b.scored - b.conceded - (a.scored - a.conceded) ||
      b.scored - a.scored ||
      (a.club < b.club ? -1 : 1),
  )
}

const NOTHING = { played: 0, won: 0, drawn: 0, lost: 0, scored: 0, conceded: 0, points: 0 }

const after = (standing: Standing, scored: number, conceded: number): Standing => {
  const [won, drawn, lost] = [
    Number(scored > conceded),
    Number(scored === conceded),
    Number(scored < conceded),
  ]
  return {
    club: standing.club,
    played: standing.played + 1,
    won: standing.won + won,
    drawn: standing.drawn + drawn,
    lost: standing.lost + lost,
    scored: standing.scored + scored,
    conceded: standing.conceded + conceded,
    points: standing.points + 3 * won + drawn,
  }
}

/** The results of the season before this round. */
export const resultsBefore = (round: number): MatchState[] => {
  const results: MatchState[] = []
  for (let each = seasonStart(round); each < round; each++)
    for (const fixture of fixturesOf(each)) results.push(stateAt(fixture, playMatch(fixture), Infinity))
  return results
}
