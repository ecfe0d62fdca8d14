/** Eight clubs that do not exist, who plays whom, and when: a round every seven minutes, without end, by the clock alone. */

export const CLUBS: readonly string[] =
  'Alder Vale, Harbour Town, Kestrel Park, Lantern Hill, Millbrook, Northgate, Quarry Athletic, Saltmarsh'.split(
    ', ',
  )
const SURNAMES =
  'Aldous Birch Crane Dunmore Eskdale Fenn Garrow Holt Ivory Jessop Kell Lomas Marden Nairn Oakley Penrose Quine'

/** The eleven of a club. */
export const squadOf = (club: string): string[] => {
  const some = SURNAMES.split(' ').filter((_, each) => (each + CLUBS.indexOf(club)) % 3 !== 0)
  return some.slice(0, 11)
}

export interface Fixture {
  readonly round: number
  readonly place: number
  readonly home: string
  readonly away: string
}

/** A round from one kick-off to the next. A match needs less than six minutes of it. */
export const ROUND_MS = 420_000
/** When the first round kicked off, milliseconds since 1970. */
const FIRST_KICK_OFF_MS = Date.UTC(2025, 0, 1)

export const roundAt = (nowMs: number): number => Math.floor((nowMs - FIRST_KICK_OFF_MS) / ROUND_MS)
export const kickOffMs = (round: number): number => FIRST_KICK_OFF_MS + round * ROUND_MS

/** All but one move round a table, so everyone meets everyone in seven rounds, and the other way round in the next seven. */
export const fixturesOf = (round: number): readonly Fixture[] => {
  const [first, ...others] = CLUBS as [string, ...string[]]
  const turn = round % others.length
  const seated = [first, ...others.slice(turn), ...others.slice(0, turn)]
  return seated.slice(0, CLUBS.length / 2).map((club, place) => {
    const other = seated.at(-1 - place) as string
    const [home, away] = round % 2 === 0 ? [club, other] : [other, club]
    return { round, place, home, away }
  })
}
