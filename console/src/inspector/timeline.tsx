/**
 * The last seconds, drawn: a lane for each TCP connection; what the page sends in its upper half, what the node sends in
 * its lower half, and between a request and its answer the wait. The list beside it says the same in words.
 */
import type { CSSProperties, JSX } from 'react'
import type { Inspection } from './inspection.ts'
import type { Exchange, Item } from './items.ts'
import { useNow } from './now.ts'
import { PURPOSES } from './words.ts'

const WINDOW_MS = 20_000
const LANES = 3

export interface TimelineProps {
  readonly inspection: Inspection
  readonly items: readonly Item[]
  /** Nothing moves. */
  readonly still: boolean
  readonly chosen: Item | undefined
  readonly onChoose: (item: Item) => void
}

export const Timeline = ({ inspection, items, still, chosen, onChoose }: TimelineProps): JSX.Element => {
  const nowMs = useNow(inspection, still)
  const fromMs = nowMs - WINDOW_MS
  const lanes = lanesOf(items, fromMs)
  const place = (ms: number): number => Math.min(100, Math.max(0, (100 * (ms - fromMs)) / WINDOW_MS))
  const draw: Drawing = { place, nowMs, chosen, onChoose }
  return (
    <section className="timeline" aria-label="The last 20 seconds">
      <ul className="timeline-key">
        <li data-mark="up">page → node</li>
        <li data-mark="wait">waiting for an answer</li>
        <li data-mark="down">node → page</li>
      </ul>
      <div className="timeline-lanes" aria-hidden="true">
        {lanes.map(([connection, lane]) => (
          <div className="wire-lane" key={connection}>
            <span className="wire-lane-name number">{connection}</span>
            <div className="wire-lane-track">
              <span className="wire-lane-life" style={lifeOf(lane, draw)} />
              {lane.items.map((item) => (
                <Mark key={item.key} item={item} draw={draw} />
              ))}
            </div>
          </div>
        ))}
        {/* Always as many lanes, so that nothing below them jumps. */}
        {Array.from({ length: LANES - lanes.length }, (_, index) => (
          <div className="wire-lane" key={`-${index}`}>
            <span />
            <div className="wire-lane-track" />
          </div>
        ))}
        <div className="timeline-axis">
          {[20, 15, 10, 5, 0].map((seconds) => (
            <span key={seconds}>{seconds === 0 ? 'now' : `−${seconds} s`}</span>
          ))}
        </div>
      </div>
    </section>
  )
}

interface Lane {
  readonly items: Item[]
  beganMs: number
  endedMs: number
}

/** The connections that stood in the window, the newest ones, each with its items. */
const lanesOf = (items: readonly Item[], fromMs: number): [number, Lane][] => {
  const lanes = new Map<number, Lane>()
  for (const item of items) {
    let lane = lanes.get(item.connection)
    if (lane === undefined) {
      lane = { items: [], beganMs: -Infinity, endedMs: Infinity }
      lanes.set(item.connection, lane)
    }
    if (item.kind === 'mark') {
      if (item.what === 'opened') lane.beganMs = item.timeMs
      else if (item.what !== 'missed') lane.endedMs = item.timeMs
    } else if ((item.kind === 'exchange' ? (item.endMs ?? Infinity) : item.timeMs) >= fromMs) {
      lane.items.push(item)
    }
  }
  return [...lanes]
    .filter(([, { endedMs }]) => endedMs >= fromMs)
    .sort(([a], [b]) => a - b)
    .slice(-LANES)
}

const lifeOf = ({ beganMs, endedMs }: Lane, { place, nowMs }: Drawing): CSSProperties =>
  span(place(beganMs), place(Math.min(endedMs, nowMs)))

interface Drawing {
  place(ms: number): number
  readonly nowMs: number
  readonly chosen: Item | undefined
  readonly onChoose: (item: Item) => void
}

const Mark = ({ item, draw }: { item: Item; draw: Drawing }): JSX.Element | false => {
  if (item.kind === 'exchange') return <Bar exchange={item} draw={draw} />
  if (item.kind === 'mark') return false
  const direction = item.kind === 'frame' ? item.direction : 'down'
  return (
    <span
      className="wire-lane-tick"
      data-mark={direction}
      data-chosen={item === draw.chosen || undefined}
      style={{ insetInlineStart: `${draw.place(item.timeMs)}%` }}
      onClick={() => draw.onChoose(item)}
    />
  )
}

const span = (from: number, to: number): CSSProperties => ({
  insetInlineStart: `${from}%`,
  width: `${Math.max(0, to - from)}%`,
})

const Bar = ({ exchange, draw }: { exchange: Exchange; draw: Drawing }): JSX.Element => {
  const { place, nowMs, chosen, onChoose } = draw
  const { timeMs, requestEndMs = nowMs, answerMs, endMs = nowMs, status } = exchange
  const answered = status === 101 ? answerMs! : endMs
  return (
    <span
      className="wire-lane-exchange"
      data-chosen={exchange === chosen || undefined}
      title={PURPOSES[exchange.purpose]}
      onClick={() => onChoose(exchange)}
    >
      <span className="wire-lane-bar" data-mark="up" style={span(place(timeMs), place(requestEndMs))} />
      <span
        className="wire-lane-bar"
        data-mark="wait"
        style={span(place(requestEndMs), place(answerMs ?? endMs))}
      />
      {answerMs !== undefined && (
        <span className="wire-lane-bar" data-mark="down" style={span(place(answerMs), place(answered))} />
      )}
    </span>
  )
}
