/** How messages reach this page: over which transport and why, how fast, and whether all of them came, once. */
import type { ClientState } from 'holdfast'
import type { JSX } from 'react'
import type { Room } from '../chat/room.ts'
import { useConnection } from './client.ts'
import { formatMs } from './duration.ts'
import { Sparkline } from './sparkline.tsx'
import { TrafficControl } from './traffic-control.tsx'
import { TransportChoice } from './transport-choice.tsx'
import { TransportGlyph } from './transport-glyph.tsx'
import { TITLES } from './transports.ts'

export const DeliveryPanel = ({ room }: { room: Room }): JSX.Element => {
  const state = useConnection()
  return (
    <div className="delivery">
      <InUse state={state} />
      <Numbers state={state} />
      <TransportChoice />
      <TrafficControl room={room} />
    </div>
  )
}

const InUse = ({ state: { transport, status, why } }: { state: ClientState }): JSX.Element => (
  <section className="in-use" data-transport={transport} data-status={status}>
    <p className="in-use-name">
      <TransportGlyph transport={transport} />
      <strong>{TITLES[transport]}</strong>
      <span className="in-use-status">{STATUS[status]}</span>
    </p>
    <p className="why">{sentence(why.text)}</p>
  </section>
)

const STATUS: Readonly<Record<ClientState['status'], string>> = {
  connected: 'connected',
  connecting: 'connecting …',
  waiting: 'reconnecting …',
  offline: 'offline',
  closed: 'closed',
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const Numbers = ({ state: { latency, counts } }: { state: ClientState }): JSX.Element => (
  <section aria-label="Delivery since this page was opened">
    <div className="latency">
      <p>
        <span className="number">{latency.p50 === null ? '–' : formatMs(latency.p50)}</span> median delay
      </p>
      <p className="quiet">
        {latency.last === null ? 'measured with the next message' : `last ${formatMs(latency.last)}`}
      </p>
      <Sparkline />
    </div>
    <dl className="counts">
      <Count of={counts.lost} name="lost" />
      <Count of={counts.duplicated} name="duplicated" />
      <Count of={counts.gaps} name={counts.gaps === 1 ? 'gap' : 'gaps'} />
      <Count of={counts.switches} name={counts.switches === 1 ? 'switch' : 'switches'} neutral />
    </dl>
  </section>
)

const Count = ({ of, name, neutral = false }: { of: number; name: string; neutral?: boolean }): JSX.Element => (
  <div data-count={name} data-bad={(!neutral && of > 0) || undefined}>
    <dt>{name}</dt>
    <dd className="number">{of.toLocaleString()}</dd>
  </div>
)
