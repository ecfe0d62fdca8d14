/**
 * What is said of a match on its three channels: its own log has every event, the news has what is worth telling to
 * somebody who was away, and the board has the latest one with the minute that is played. Refuses what is none.
 */
import type { Fixture } from './league.ts'

export const BOARD = 'scores/board'
export const NEWS = 'scores/news'
export const timelineOf = ({ round, place }: Fixture): string => `scores/${round}-${place + 1}`

export const TITLES = {
  'kick-off': 'Kick-off',
  goal: 'Goal',
  yellow: 'Yellow card',
  red: 'Red card',
  'half-time': 'Half time',
  'second-half': 'Second half',
  'full-time': 'Full time',
} as const
export type EventKind = keyof typeof TITLES

export interface MatchEvent extends Fixture {
  readonly kind: EventKind
  readonly minute: number
  /** When it happened, milliseconds since 1970: the log may have been told later. */
  readonly atMs: number
  /** Of the home side and of the other, once it has happened. */
  readonly score: readonly number[]
  readonly side?: 'home' | 'away'
  readonly player?: string
}

export const isNews = ({ kind }: MatchEvent): boolean => ['goal', 'red', 'full-time'].includes(kind)

/** What came as an event; undefined when it is none. */
export const decodeEvent = (data: unknown): MatchEvent | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const { kind, score, side, player, ...event } = data as Partial<MatchEvent>
  const sound =
    Object.hasOwn(TITLES, kind ?? '') &&
    [event.round, event.place, event.minute, event.atMs].every(Number.isSafeInteger) &&
    [event.home, event.away, player ?? ''].every((each) => typeof each === 'string') &&
    [undefined, 'home', 'away'].includes(side) &&
    Array.isArray(score) &&
    score.length === 2 &&
    score.every(Number.isSafeInteger)
  return sound ? (data as MatchEvent) : undefined
}
