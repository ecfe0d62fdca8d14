/** How long bidding goes on, by the server's clock: what this computer believes the time to be does not matter. */
import { type JSX, useEffect, useState } from 'react'
import { useConnection } from 'holdfast/react'

const TICK_MS = 200

/** The server's time as this page knows it, milliseconds since 1970; told anew a few times a second. */
const useServerNow = (running: boolean): number => {
  const { offsetMs } = useConnection()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [running])
  return now + offsetMs
}

export interface CountdownProps {
  readonly until: number
  readonly softCloseMs: number
  readonly closed: boolean
}

export const Countdown = ({ until, softCloseMs, closed }: CountdownProps): JSX.Element => {
  const leftMs = Math.max(0, until - useServerNow(!closed))
  const soft = leftMs < softCloseMs
  return (
    <div className="auction-countdown" data-soft={(!closed && soft) || undefined}>
      <p>
        <span className="auction-label">{closed ? 'Bidding' : 'Time left'}</span>
        <span className="auction-time" role="timer">
          {closed ? 'has ended' : leftMs === 0 ? 'closing …' : formatLeft(leftMs)}
        </span>
      </p>
      <p className="auction-note">
        {closed
          ? 'The result stands in the log.'
          : soft
            ? `A bid now gives everybody ${softCloseMs / 1_000} seconds more.`
            : `A bid in the last ${softCloseMs / 1_000} seconds moves the end.`}
      </p>
    </div>
  )
}

const formatLeft = (ms: number): string => {
  const seconds = Math.ceil(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
