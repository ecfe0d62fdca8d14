/** What is worth telling to somebody who was away, and the digest of it. Pure, and wary of what it is given. */
import type { Fixture } from './league.ts'
import type { MatchEvent, Score, Side } from './match.ts'

export interface News {
  readonly kind: 'goal' | 'red' | 'full-time'
  readonly round: number
  readonly place: number
  readonly home: string
  readonly away: string
  readonly score: Score
  readonly minute: string
  readonly side?: Side
  readonly player?: string
  /** When it happened, milliseconds since 1970: the log may have been told later. */
  readonly atMs: number
}

/** An event as news; undefined where it is none. */
export const newsOf = (
  { round, place, home, away, kickOffMs }: Fixture,
  event: MatchEvent,
): News | undefined => {
  const { kind, score, minute, side, player, afterMs } = event
  if (kind !== 'goal' && kind !== 'red' && kind !== 'full-time') return undefined
  const by = side === undefined || player === undefined ? {} : { side, player }
  return { kind, round, place, home, away, score, minute, atMs: kickOffMs + afterMs, ...by }
}

/** What came as news; undefined when it is none. */
export const decodeNews = (data: unknown): News | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const { kind, round, place, home, away, score, minute, atMs } = data as Record<string, unknown>
  const numbers = [round, place, atMs, ...(Array.isArray(score) && score.length === 2 ? score : [undefined])]
  const words = [home, away, minute]
  const sound =
    (kind === 'goal' || kind === 'red' || kind === 'full-time') &&
    numbers.every((each) => Number.isSafeInteger(each)) &&
    words.every((each) => typeof each === 'string')
  return sound ? (data as News) : undefined
}

export interface MatchDigest {
  readonly round: number
  readonly place: number
  readonly home: string
  readonly away: string
  readonly score: Score
  readonly over: boolean
  /** Goals and players sent off, in the order of time. */
  readonly moments: readonly News[]
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
export const digestOf = (items: readonly News[], sinceRound: number | undefined): Digest | undefined => {
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
