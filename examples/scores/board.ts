/** What the page knows of the board: the matches that are played, and the league. What came as neither is passed over. */
import type { Latest } from 'holdfast/react'
import { CLUBS, MATCHES_AT_ONCE } from './league.ts'
import type { MatchState, Standing } from './standings.ts'

export interface League {
  readonly matchday: number
  readonly nextKickOffMs: number
  readonly table: readonly Standing[]
}

export interface BoardState {
  readonly matches: readonly MatchState[]
  readonly league: League | undefined
}

export const boardOf = (latest: Latest<unknown>): BoardState => {
  const keys = Array.from({ length: MATCHES_AT_ONCE }, (_, place) => `match-${place + 1}`)
  const league = latest.get('league')?.data
  return {
    matches: keys.flatMap((key) => {
      const data = latest.get(key)?.data
      return isMatch(data) ? [data] : []
    }),
    league: isLeague(league) ? league : undefined,
  }
}

const isMatch = (data: unknown): data is MatchState => {
  if (typeof data !== 'object' || data === null) return false
  const { id, home, away, score, reds, kickOffMs } = data as Record<string, unknown>
  return (
    [id, home, away].every((each) => typeof each === 'string') &&
    Array.isArray(score) &&
    Array.isArray(reds) &&
    Number.isSafeInteger(kickOffMs)
  )
}

const isLeague = (data: unknown): data is League => {
  if (typeof data !== 'object' || data === null) return false
  const { table, nextKickOffMs } = data as Record<string, unknown>
  return Array.isArray(table) && table.length === CLUBS.length && Number.isSafeInteger(nextKickOffMs)
}
