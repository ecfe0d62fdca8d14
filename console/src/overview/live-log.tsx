/** One log and four cursors along it, alive: entries above, and below them what each transport has delivered. */
import { type JSX, useEffect, useState, useSyncExternalStore } from 'react'
import { formatMs } from '../connection/duration.ts'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES } from '../connection/transports.ts'
import { type Lane, OneLog, SHOWN } from './one-log.ts'

const useVisible = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener)
      return () => document.removeEventListener('visibilitychange', listener)
    },
    () => document.visibilityState === 'visible',
  )

export const LiveLog = (): JSX.Element => {
  const [log] = useState(() => new OneLog())
  const [paused, setPaused] = useState(false)
  const visible = useVisible()
  const state = useSyncExternalStore(log.listen, () => log.state)
  useEffect(() => {
    if (!visible) return undefined
    log.open()
    return () => log.close()
  }, [log, visible])
  useEffect(() => log.publishing(visible && !paused), [log, visible, paused])

  const { top, lanes, refused } = state
  const first = Math.max(1, top - SHOWN + 1)
  const offsets = Array.from({ length: SHOWN }, (_, index) => first + index)
  return (
    <figure className="live-log" aria-label="One channel, read over four transports at once">
      <div className="log-lane log">
        <p className="log-lane-name">
          <strong>The log</strong>
        </p>
        <Cells offsets={offsets} has={(offset) => offset <= top} />
        <p className="log-lane-delay number">{top === 0 ? '' : `#${top.toLocaleString()}`}</p>
      </div>
      {lanes.map((lane) => (
        <LaneRow key={lane.transport} lane={lane} top={top} offsets={offsets} />
      ))}
      <figcaption>
        <p className="quiet number" data-lost={state.lost} data-delivered={state.delivered}>
          {refused === undefined ? (
            <>
              {state.delivered.toLocaleString()} delivered, {state.lost.toLocaleString()} lost,{' '}
              {state.duplicated.toLocaleString()} duplicated
            </>
          ) : (
            <>This node does not let the page publish here, so little moves: {refused}.</>
          )}
        </p>
        <button type="button" className="button small" onClick={() => log.publish(10)}>
          Publish ten
        </button>
        <button type="button" className="button small" onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </button>
      </figcaption>
    </figure>
  )
}

const LaneRow = ({
  lane: { transport, connected, cursor, delivered, delayMs },
  top,
  offsets,
}: {
  lane: Lane
  top: number
  offsets: readonly number[]
}): JSX.Element => {
  const behind = Math.max(0, top - cursor)
  return (
    <div className="log-lane" data-transport={transport}>
      <p className="log-lane-name">
        <TransportGlyph transport={transport} />
        <strong>{TITLES[transport]}</strong>
      </p>
      <Cells offsets={offsets} has={(offset) => delivered.has(offset)} cursor={cursor} />
      <p className="log-lane-delay">
        <strong className="number">{delayMs === null ? '–' : formatMs(delayMs)}</strong>
        <span className="quiet number">
          {!connected ? 'connecting …' : behind === 0 ? 'up to date' : `${behind} behind`}
        </span>
      </p>
    </div>
  )
}

interface CellsProps {
  readonly offsets: readonly number[]
  readonly has: (offset: number) => boolean
  readonly cursor?: number
}

const Cells = ({ offsets, has, cursor }: CellsProps): JSX.Element => (
  <div className="cells" aria-hidden="true">
    {offsets.map((offset) => (
      <span key={offset} data-has={has(offset) || undefined} data-cursor={offset === cursor || undefined} />
    ))}
  </div>
)
