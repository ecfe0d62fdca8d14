/**
 * A match, minute by minute, from its fixture alone: the same fixture is always the same match. It owns no clock; what
 * it returns says after how many milliseconds from the kick-off each thing happens.
 */
import { among, type Chance, chanceFrom } from './chance.ts'
import { type Club, clubNamed, type Fixture } from './league.ts'

/** A minute of the match lasts this long. */
export const MINUTE_MS = 3_600
const BREAK_MS = 20_000
const HALF = 45

export type Side = 'home' | 'away'
export type EventKind =
  'kick-off' | 'goal' | 'yellow' | 'red' | 'substitution' | 'half-time' | 'second-half' | 'full-time'
export type Score = readonly [home: number, away: number]

export interface MatchEvent {
  readonly kind: EventKind
  /** Since the kick-off, milliseconds. */
  readonly afterMs: number
  /** As it is written: `23`, `45+2`. */
  readonly minute: string
  /** Once it has happened. */
  readonly score: Score
  readonly side?: Side
  readonly player?: string
  /** Who comes on, for a substitution. */
  readonly other?: string
}

/** One side on the pitch. */
interface Team {
  readonly side: Side
  readonly goalsPerMinute: number
  readonly pitch: string[]
  readonly bench: string[]
  readonly booked: Set<string>
  substitutions: number
}

const MOST_SUBSTITUTIONS = 3
/** For each minute and side. */
const YELLOWS = 0.018
const REDS = 0.0006
const SUBSTITUTIONS_FROM = 55
const SUBSTITUTIONS = 0.06

export const playMatch = (fixture: Fixture): readonly MatchEvent[] => {
  const chance = chanceFrom(fixture.round * 16 + fixture.place)
  return new Play(fixture, chance).events
}

class Play {
  readonly events: MatchEvent[] = []
  readonly #chance: Chance
  readonly #teams: readonly Team[]
  #score: Score = [0, 0]

  constructor(fixture: Fixture, chance: Chance) {
    this.#chance = chance
    const home = clubNamed(fixture.home)
    const away = clubNamed(fixture.away)
    this.#teams = [
      teamOf('home', home, (1.15 * home.strength) / away.strength),
      teamOf('away', away, away.strength / home.strength),
    ]
    const first = HALF + 1 + Math.floor(chance() * 4)
    const second = HALF + 2 + Math.floor(chance() * 5)
    this.#add({ kind: 'kick-off', afterMs: 0, minute: '1' })
    this.#half(0, 0, first)
    const halfTimeMs = first * MINUTE_MS
    this.#add({ kind: 'half-time', afterMs: halfTimeMs, minute: '45' })
    this.#add({ kind: 'second-half', afterMs: halfTimeMs + BREAK_MS, minute: '46' })
    this.#half(halfTimeMs + BREAK_MS, HALF, second)
    this.#add({ kind: 'full-time', afterMs: halfTimeMs + BREAK_MS + second * MINUTE_MS, minute: '90' })
  }

  /** @param before minutes of the other half. */
  #half(startMs: number, before: number, minutes: number): void {
    for (let minute = 0; minute < minutes; minute++) {
      const moment = {
        afterMs: startMs + minute * MINUTE_MS,
        minute: minuteText(before, minute),
        played: before + minute,
      }
      for (const team of this.#teams) this.#happen(team, moment)
    }
  }

  #happen(
    team: Team,
    { afterMs, minute, played }: { afterMs: number; minute: string; played: number },
  ): void {
    const chance = this.#chance
    const { side, pitch, bench, booked } = team
    // Two things never happen in one moment: the log has them in the order of time.
    const at = (): { afterMs: number; minute: string; side: Side } => ({
      afterMs:
        Math.max(this.events.at(-1)?.afterMs ?? 0, afterMs) + 1 + Math.floor((chance() * MINUTE_MS) / 8),
      minute,
      side,
    })
    // Ten score less than eleven.
    if (chance() < team.goalsPerMinute * (pitch.length / 11) ** 2) {
      const [home, away] = this.#score
      this.#score = side === 'home' ? [home + 1, away] : [home, away + 1]
      this.#add({ kind: 'goal', ...at(), player: among(pitch.slice(1), chance) })
    }
    if (chance() < YELLOWS) {
      const player = among(pitch, chance)
      this.#add({ kind: 'yellow', ...at(), player })
      if (booked.has(player)) this.#sendOff(team, player, at())
      booked.add(player)
    }
    if (chance() < REDS) this.#sendOff(team, among(pitch.slice(1), chance), at())
    if (played >= SUBSTITUTIONS_FROM && team.substitutions < MOST_SUBSTITUTIONS && chance() < SUBSTITUTIONS) {
      const player = among(pitch.slice(1), chance)
      const other = bench.shift() as string
      pitch[pitch.indexOf(player)] = other
      team.substitutions++
      this.#add({ kind: 'substitution', ...at(), player, other })
    }
  }

  #sendOff(team: Team, player: string, at: { afterMs: number; minute: string; side: Side }): void {
    if (team.pitch.length <= 7) return
    team.pitch.splice(team.pitch.indexOf(player), 1)
    this.#add({ kind: 'red', ...at, player })
  }

  #add(event: Omit<MatchEvent, 'score'>): void {
    const afterMs = Math.max(this.events.at(-1)?.afterMs ?? 0, event.afterMs)
    this.events.push({ ...event, afterMs, score: this.#score })
  }
}

const teamOf = (side: Side, { squad }: Club, goals: number): Team => ({
  side,
  goalsPerMinute: (1.3 * goals) / 90,
  pitch: squad.slice(0, 11),
  bench: squad.slice(11),
  booked: new Set(),
  substitutions: 0,
})

/** @param minute of this half, from 0. */
const minuteText = (before: number, minute: number): string =>
  minute < HALF ? String(before + minute + 1) : `${before + HALF}+${minute - HALF + 1}`

/** What the clock of a half shows this long after it began. */
export const clockText = (half: 'first' | 'second', sinceMs: number): string =>
  minuteText(half === 'first' ? 0 : HALF, Math.max(0, Math.floor(sinceMs / MINUTE_MS)))
