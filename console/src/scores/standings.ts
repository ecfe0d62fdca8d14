/** The table that follows from the results of a season and from the matches that are played, as they stand. Pure. */
import { CLUBS } from '../../../examples/scores/league.ts'
import type { MatchEvent } from '../../../examples/scores/match-event.ts'

export const MATCHDAYS = 2 * (CLUBS.length - 1)
/** From 1 to 14; then another season begins. */
export const matchdayOf = (round: number): number => (round % MATCHDAYS) + 1

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

type Result = Pick<MatchEvent, 'round' | 'place' | 'home' | 'away' | 'score'>

/** @param news of which the results of this season are taken. */
export const tableOf = (matches: readonly Result[], news: readonly MatchEvent[]): Standing[] => {
  const round = matches[0]?.round ?? 0
  const first = round - matchdayOf(round) + 1
  const earlier = news.filter(
    (each) => each.kind === 'full-time' && each.round >= first && each.round < round,
  )
  const table = new Map<string, Standing>(CLUBS.map((club) => [club, { club, ...NOTHING }]))
  const add = (club: string, scored = 0, conceded = 0): void => {
    const standing = table.get(club)
    if (standing !== undefined) table.set(club, after(standing, scored, conceded))
  }
  for (const { home, away, score } of [...earlier, ...matches]) {
    add(home, score[0], score[1])
    add(away, score[1], score[0])
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
