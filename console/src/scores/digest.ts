/** The digest of what was missed: results, goals, and what cannot be listed. Pure. */
import type { MatchEvent } from '../../../examples/scores/match-event.ts'

export interface MatchDigest {
  readonly round: number
  readonly place: number
  readonly home: string
  readonly away: string
  readonly score: readonly number[]
  readonly over: boolean
  /** Goals and players sent off, in the order of time. */
  readonly moments: readonly MatchEvent[]
}

export interface Digest {
  readonly goals: number
  readonly finished: number
  /** Of the latest rounds, the latest first. */
  readonly matches: readonly MatchDigest[]
  /** Rounds before those, that are only counted. */
  readonly earlierRounds: number
  /** Rounds of which the log knows nothing, since nobody looked for too long. */
  readonly unplayedRounds: number
}

const ROUNDS_IN_FULL = 3

/** @param sinceRound the round that was seen last. */
export const digestOf = (
  items: readonly MatchEvent[],
  sinceRound: number | undefined,
): Digest | undefined => {
  if (items.length === 0) return undefined
  const matches = new Map<string, MatchDigest>()
  for (const item of items) {
    const key = `${item.round}-${item.place}`
    const { round, place, home, away, score } = item
    const moments = [...(matches.get(key)?.moments ?? []), ...(item.kind === 'full-time' ? [] : [item])]
    matches.set(key, { round, place, home, away, score, over: item.kind === 'full-time', moments })
  }
  const rounds = [...new Set(items.map(({ round }) => round))].sort((a, b) => b - a)
  const full = new Set(rounds.slice(0, ROUNDS_IN_FULL))
  const [newest = 0, oldest = newest] = [rounds.at(0), rounds.at(-1)]
  const expected = newest - Math.min(sinceRound ?? oldest, oldest) + 1
  const missing =
    expected - rounds.length - (sinceRound !== undefined && !rounds.includes(sinceRound) ? 1 : 0)
  return {
    goals: items.filter(({ kind }) => kind === 'goal').length,
    finished: items.filter(({ kind }) => kind === 'full-time').length,
    matches: [...matches.values()]
      .filter(({ round }) => full.has(round))
      .sort((a, b) => b.round - a.round || a.place - b.place),
    earlierRounds: rounds.length - full.size,
    unplayedRounds: Math.max(0, missing),
  }
}
