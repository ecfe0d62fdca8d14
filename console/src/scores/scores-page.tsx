/** The scores' page: the application in the frame of a use case. */
import type { JSX } from 'react'
import { Scores } from '../../../examples/scores/scores.tsx'
import { UseCase } from '../page/use-case.tsx'

export const View = (): JSX.Element => (
  <UseCase title="Scores" summary="Leave and come back: the log knows what you missed.">
    <Scores />
  </UseCase>
)
