/** The news of the last season, for the table and for the announcer. */
import { useMemo } from 'react'
import { useLog } from 'holdfast/react'
import { decodeEvent, type MatchEvent, NEWS } from '../../../examples/scores/match-event.ts'

/** Of thirteen rounds: four matches each, of goals, players sent off, and a result. */
const SEASON = { last: 600 } as const

export const useNews = (): readonly MatchEvent[] => {
  const { publications } = useLog(NEWS, { from: SEASON, limit: 1_000 })
  return useMemo(() => publications.flatMap(({ data }) => decodeEvent(data) ?? []), [publications])
}
