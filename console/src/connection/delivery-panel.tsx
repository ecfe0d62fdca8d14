/** How messages reach this page: over which transport and why, how fast, and whether all of them came, once. */
import type { ClientState, TransportName, Why } from 'holdfast'
import type { JSX, ReactNode } from 'react'
import { useConnection } from 'holdfast/react'
import { formatMs } from './duration.ts'
import { Sparkline } from './sparkline.tsx'
import { TransportChoice } from './transport-choice.tsx'
import { TransportGlyph } from './transport-glyph.tsx'
import { TITLES } from './transports.ts'

export const DeliveryPanel = ({ children }: { children?: ReactNode }): JSX.Element => {
  const state = useConnection()
  return (
    <div className="delivery">
      <InUse state={state} />
      <Numbers state={state} />
      <TransportChoice />
      {children}
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
    <p className="why">{reasonFor(transport, why)}</p>
  </section>
)

const STATUS: Readonly<Record<ClientState['status'], string>> = {
  connected: 'connected',
  connecting: 'connecting …',
  waiting: 'reconnecting …',
  offline: 'offline',
  closed: 'closed',
}

/** Why this transport: in the page's words where they are simple, in the client's where it knows what went wrong. */
const reasonFor = (transport: TransportName, { code, text }: Why): string => {
  const title = TITLES[transport]
  switch (code) {
    case 'first_choice':
      return `${title} is the fastest, and nothing stands in its way here.`
    case 'asked_for':
      return `You chose ${title}. It stays until you choose another.`
    case 'probed':
      return `${title} did not work here before. It was tried again, and works now.`
    default:
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
  }
}

const Numbers = ({ state: { latency, counts } }: { state: ClientState }): JSX.Element => (
  <section aria-label="Delivery since this page was opened">
    <div className="latency">
      <p>
        <span className="number">{latency.p50 === null ? '–' : formatMs(latency.p50)}</span> median delay
      </p>
      <p className="quiet">
        {latency.last === null ? 'measured with the next message' : `latest ${formatMs(latency.last)}`}
      </p>
      <Sparkline />
    </div>
    <dl className="counts">
      <Count of={counts.lost} name="lost" />
      <Count of={counts.duplicated} name="duplicated" />
      <Count of={counts.gaps} name="gaps" one="gap" neutral />
      <Count of={counts.switches} name="switches" one="switch" neutral />
    </dl>
    <p className="quiet">
      Of <span className="number">{counts.delivered.toLocaleString()}</span> delivered since this page was
      opened
    </p>
  </section>
)

interface CountProps {
  readonly of: number
  readonly name: string
  readonly one?: string
  /** More than none is no fault. */
  readonly neutral?: boolean
}

const Count = ({ of, name, one = name, neutral = false }: CountProps): JSX.Element => (
  <div data-count={name} data-bad={(!neutral && of > 0) || undefined}>
    <dt>{of === 1 ? one : name}</dt>
    <dd className="number">{of.toLocaleString()}</dd>
  </div>
)
