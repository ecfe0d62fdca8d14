/** Eight clubs that do not exist, who plays whom, and when: a round every seven minutes, without end, by the clock alone. */
import { among, chanceFrom } from './chance.ts'

export interface Club {
  readonly name: string
  /** Goals that it scores in ninety minutes against one that is as strong. */
  readonly strength: number
  /** The first eleven begin, the others come on. */
  readonly squad: readonly string[]
}

const SURNAMES =
  'Aldous Birch Crane Dunmore Eskdale Fenn Garrow Holt Ivory Jessop Kell Lomas Marden Nairn Oakley Penrose Quine Rudd Selby Tarrant Usher Vance Wick Yarrow'.split(
    ' ',
  )
const INITIALS = 'ABCDEFGHJKLMNOPRST'.split('')

const NAMES = [
  'Alder Vale',
  'Harbour Town',
  'Kestrel Park',
  'Lantern Hill',
  'Millbrook',
  'Northgate',
  'Quarry Athletic',
  'Saltmarsh',
] as const

export const CLUBS: readonly Club[] = NAMES.map((name, index) => {
  const chance = chanceFrom(1_000 + index)
  const squad = SURNAMES.filter((_, each) => (each + index) % 3 !== 0).map(
    (surname) => `${among(INITIALS, chance)}. ${surname}`,
  )
  return { name, strength: 1 + 0.9 * chance(), squad }
})

/** A round from one kick-off to the next. A match needs six and a half minutes of it at most. */
export const ROUND_MS = 420_000
export const MATCHES_AT_ONCE = CLUBS.length / 2
const MATCHDAYS = 2 * (CLUBS.length - 1)
/** When the first round kicked off, milliseconds since 1970. */
const FIRST_KICK_OFF_MS = Date.UTC(2025, 0, 1)

export interface Fixture {
  /** In the names of channels: `<round>-<place>`. */
  readonly id: string
  readonly round: number
  readonly place: number
  readonly home: string
  readonly away: string
  readonly kickOffMs: number
}

export const roundAt = (nowMs: number): number => Math.floor((nowMs - FIRST_KICK_OFF_MS) / ROUND_MS)
export const kickOffMs = (round: number): number => FIRST_KICK_OFF_MS + round * ROUND_MS
/** From 1 to 14; then another season begins. */
export const matchdayOf = (round: number): number => (((round % MATCHDAYS) + MATCHDAYS) % MATCHDAYS) + 1

/** Everyone meets everyone at home and away: all but one move round a table by one place each matchday. */
export const fixturesOf = (round: number): readonly Fixture[] => {
  const day = matchdayOf(round) - 1
  const turn = day % (CLUBS.length - 1)
  const others = NAMES.slice(1)
  const at = (place: number): string =>
    place === 0 ? NAMES[0] : (others.at((place - 1 + turn) % others.length) as string)
  return Array.from({ length: MATCHES_AT_ONCE }, (_, place) => {
    const pair = [at(place), at(CLUBS.length - 1 - place)] as const
    const swapped = day >= CLUBS.length - 1 !== (place === 0 && turn % 2 === 1)
    const [home, away] = swapped ? [pair[1], pair[0]] : pair
    return { id: `${round}-${place + 1}`, round, place, home, away, kickOffMs: kickOffMs(round) }
  })
}

/** The first round of the season that a round is of. */
export const seasonStart = (round: number): number => round - (matchdayOf(round) - 1)

export const clubNamed = (name: string): Club => CLUBS.find((club) => club.name === name) as Club
