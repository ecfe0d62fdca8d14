/**
 * The game's page, in the arena that the address names. To the example's voyage it adds touch, a camera that follows the
 * ship on a small screen, wakes and ripples, dots that are gone at once, a clock that never leaps, and what it measures.
 */
import type { JSX } from 'react'
import { Game } from './game-view.tsx'
import { usePerson } from '../person/person.ts'
import type { PageProps } from '../page/pages.ts'
import { UseCase } from '../page/use-case.tsx'

const FIRST_ARENA = 'harbour'

/** As the server takes it; anything else in the address is the first one. */
const ARENA_NAME = /^[a-z0-9-]{1,32}$/

export const View = ({ rest: [named = FIRST_ARENA] }: PageProps): JSX.Element => {
  const person = usePerson()
  const arena = ARENA_NAME.test(named) ? named : FIRST_ARENA
  return (
    <UseCase title="Game" summary="Collect dots before the others do. The golden one counts five.">
      <Game key={arena} arena={arena} person={person} />
    </UseCase>
  )
}
