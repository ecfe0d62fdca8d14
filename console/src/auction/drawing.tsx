/** A line drawing for each thing that is sold. */
import type { JSX } from 'react'
import { wareOf } from './catalogue.ts'

export const Drawing = ({ of }: { of: string }): JSX.Element => (
  <svg className="auction-drawing" viewBox="0 0 96 96" aria-hidden="true">
    <path d={wareOf(of)?.path ?? ''} />
  </svg>
)
