/** One transport's lane: what its client is doing, how late it is, and what a message costs on the way. */
import type { TransportName } from 'holdfast'
import { rowOf } from 'holdfast/lab'
import type { JSX } from 'react'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { EXPLANATIONS, TITLES } from '../connection/transports.ts'
import { formatMillis, inBytes, inMicros, inMillis, inRequests } from './format.ts'
import type { LaneState, Stage } from './measurement.ts'

export interface LaneProps {
  readonly transport: TransportName
  readonly lane: LaneState | undefined
  readonly stage: Stage
  readonly payloadBytes: number
  readonly onChoose: () => void
}

export const Lane = ({ transport, lane, stage, payloadBytes, onChoose }: LaneProps): JSX.Element => {
  const row = lane && rowOf(transport, lane.phase, payloadBytes)
  const { value, unit } = formatMillis(row?.latency.p50 ?? null)
  const live = stage === 'connecting' || stage === 'running'
  return (
    <section
      className="lab-lane"
      data-transport={transport}
      data-delivered={lane?.delivered ?? 0}
      data-bytes={lane?.bytes ?? 0}
      aria-label={TITLES[transport]}
    >
      <header>
        <TransportGlyph transport={transport} />
        <h2>{TITLES[transport]}</h2>
        <span className="lab-lane-status" data-status={live ? lane?.client.status : undefined}>
          {statusOf(transport, lane, stage)}
        </span>
      </header>
      <p className="lab-lane-latency">
        <span className="number">{value}</span> <span className="lab-lane-unit">{unit || ' '}</span>
        <span className="quiet">median delay</span>
      </p>
      <dl>
        <Figure name="99 of 100 within" value={inMillis(row?.latency.p99 ?? null)} />
        <Figure name="Bytes a message" value={inBytes(row?.bytesPerMessage ?? null)} />
        <Figure name="Requests a message" value={inRequests(row?.requestsPerMessage ?? null)} />
        <Figure name="CPU a message" value={inMicros(row?.cpuMicrosPerMessage ?? null)} />
      </dl>
      <p
        className="lab-lane-counts"
        data-bad={lane !== undefined && lane.lost + lane.duplicated > 0 ? true : undefined}
      >
        <strong className="number" data-count="lost">
          {lane?.lost ?? 0}
        </strong>{' '}
        lost,{' '}
        <strong className="number" data-count="duplicated">
          {lane?.duplicated ?? 0}
        </strong>{' '}
        duplicated <span className="quiet">of {(lane?.delivered ?? 0).toLocaleString('en')}</span>
      </p>
      <Trouble transport={transport} lane={live ? lane : undefined} onChoose={onChoose} />
    </section>
  )
}

const Figure = ({ name, value }: { name: string; value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd className="number">{value}</dd>
  </div>
)

const statusOf = (transport: TransportName, lane: LaneState | undefined, stage: Stage): string => {
  if (stage === 'starting') return 'starting …'
  if (lane === undefined || (stage !== 'connecting' && stage !== 'running')) return ''
  const { status, transport: inUse } = lane.client
  if (status !== 'connected') return status === 'connecting' ? 'connecting …' : 'no connection'
  return inUse === transport ? 'connected' : `by ${TITLES[inUse]}`
}

/** Why it does not come through, and what a client would do that may choose. */
const Trouble = ({
  transport,
  lane,
  onChoose,
}: Pick<LaneProps, 'transport' | 'lane' | 'onChoose'>): JSX.Element => {
  if (lane === undefined) return <p className="lab-lane-note">{EXPLANATIONS[transport]}.</p>
  const { status, error, wanted, why } = lane.client
  if (wanted === 'auto') return <p className="lab-lane-note">It chose by itself: {why.text}.</p>
  if (status === 'connected' || error === undefined)
    return <p className="lab-lane-note">{EXPLANATIONS[transport]}.</p>
  return (
    <div className="lab-lane-trouble">
      <p>{troubleOf(error)}</p>
      <button type="button" className="button small" onClick={onChoose}>
        Let it choose
      </button>
    </div>
  )
}

const TROUBLES: Readonly<Record<string, string>> = {
  upgrade_refused: 'The upgrade to a WebSocket does not get through.',
  buffered: 'Its answer is held back on the way.',
  cut: 'Its connection was cut.',
  unreachable: 'No answer came.',
  no_hello: 'Nothing came back in time.',
  silent: 'Nothing is heard any more.',
}

const troubleOf = (error: Error): string =>
  TROUBLES[(error as Error & { code?: string }).code ?? ''] ?? `${error.message}.`
