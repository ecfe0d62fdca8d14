/** An event of a match in words. What came as none is passed over. */
import type { EventKind, MatchEvent } from './match.ts'

/** As it is in a match's log. */
export interface TimelineEvent extends MatchEvent {
  readonly atMs: number
}

const TITLES: Readonly<Record<EventKind, string>> = {
  'kick-off': 'Kick-off',
  goal: 'Goal',
  yellow: 'Yellow card',
  red: 'Red card',
  substitution: 'Substitution',
  'half-time': 'Half time',
  'second-half': 'Second half',
  'full-time': 'Full time',
}

export const titleOf = (kind: EventKind): string => TITLES[kind]

export const decodeEvent = (data: unknown): TimelineEvent | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const { kind, minute, score, atMs } = data as Record<string, unknown>
  const sound =
    typeof kind === 'string' &&
    Object.hasOwn(TITLES, kind) &&
    typeof minute === 'string' &&
    Array.isArray(score) &&
    score.length === 2 &&
    Number.isSafeInteger(atMs)
  return sound ? (data as TimelineEvent) : undefined
}
