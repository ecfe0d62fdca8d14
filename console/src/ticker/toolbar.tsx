/** Finds symbols and chooses which are shown. */
import { type JSX, useId } from 'react'
import type { Show } from './arrangement.ts'

export interface ToolbarProps {
  readonly show: Show
  readonly search: string
  readonly shown: number
  readonly connected: boolean
  readonly onShow: (show: Show) => void
  readonly onSearch: (search: string) => void
}

const CHOICES: readonly (readonly [Show, string])[] = [
  ['all', 'All'],
  ['pinned', 'Pinned'],
  ['real', 'Real'],
  ['simulated', 'Simulated'],
]

export const Toolbar = (props: ToolbarProps): JSX.Element => {
  const { show, search, shown, connected, onShow, onSearch } = props
  const name = useId()
  const field = useId()
  return (
    <div className="ticker-toolbar">
      <div className="ticker-search">
        <label htmlFor={field}>Find</label>
        <input
          id={field}
          type="search"
          value={search}
          placeholder="Symbol or name"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onSearch(event.target.value)}
        />
      </div>
      <fieldset>
        <legend className="visually-hidden">Show</legend>
        <div className="ticker-segments">
          {CHOICES.map(([choice, title]) => (
            <label key={choice}>
              <input
                type="radio"
                name={name}
                value={choice}
                checked={show === choice}
                onChange={() => onShow(choice)}
              />
              <span>{title}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <p className="quiet" role="status">
        {connected ? `${shown} ${shown === 1 ? 'symbol' : 'symbols'}` : 'No connection: prices stand still.'}
      </p>
    </div>
  )
}
