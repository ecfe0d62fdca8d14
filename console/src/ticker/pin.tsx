/** The star in front of a row: what is pinned stays at the top. Rows are reached by the arrow keys, from star to star. */
import type { JSX, KeyboardEvent } from 'react'

export interface PinProps {
  readonly symbol: string
  readonly pinned: boolean
  /** By Tab; the others by the arrow keys. */
  readonly reachable: boolean
  readonly onPin: (symbol: string) => void
}

export const Pin = ({ symbol, pinned, reachable, onPin }: PinProps): JSX.Element => (
  <span role="cell">
    <button
      type="button"
      className="ticker-pin"
      aria-pressed={pinned}
      aria-label={`Pin ${symbol}`}
      tabIndex={reachable ? 0 : -1}
      onClick={() => onPin(symbol)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="m8 1.8 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z" />
      </svg>
    </button>
  </span>
)

/** Among rows by the arrow keys, Home and End. */
export const moveFocus = (event: KeyboardEvent<HTMLElement>): void => {
  const pins = [...event.currentTarget.querySelectorAll<HTMLElement>('.ticker-pin')]
  const at = pins.indexOf(document.activeElement as HTMLElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: pins.length - 1 }[event.key]
  const pin = at < 0 || to === undefined ? undefined : pins[to]
  if (pin === undefined) return
  event.preventDefault()
  pin.focus()
  pin.scrollIntoView({ block: 'nearest' })
}
