/** The frame of a use case: what it is, the application itself, and beside it how what it shows was delivered. */
import type { JSX, ReactNode } from 'react'
import { DeliveryPanel } from '../connection/delivery-panel.tsx'
import { TransportBar } from '../connection/transport-bar.tsx'
import { useMedia, WIDE } from './media.ts'

export interface UseCaseProps {
  readonly title: string
  /** What to look at, in a sentence. */
  readonly summary: string
  /** Beneath the delivery panel: what else can be done to the traffic. */
  readonly panel?: ReactNode
  readonly children: ReactNode
}

export const UseCase = ({ title, summary, panel, children }: UseCaseProps): JSX.Element => (
  <Delivered panel={panel}>
    <main className="use-case">
      <header className="use-case-header">
        <h1>{title}</h1>
        <p className="quiet">{summary}</p>
      </header>
      <NarrowBar panel={panel} />
      <div className="use-case-body">{children}</div>
    </main>
  </Delivered>
)

/** Any content, with the delivery panel beside it where there is room. */
export const Delivered = ({ panel, children }: Pick<UseCaseProps, 'panel' | 'children'>): JSX.Element => {
  const wide = useMedia(WIDE)
  return (
    <div className="delivered">
      {children}
      {wide && (
        <aside className="delivery-side" aria-labelledby="delivery-heading">
          <h2>
            <span id="delivery-heading">Delivery</span>{' '}
            <span className="quiet">every message, once, in order</span>
          </h2>
          <DeliveryPanel>{panel}</DeliveryPanel>
        </aside>
      )}
    </div>
  )
}

/** The delivery panel in one line, where there is no room beside the page. */
export const NarrowBar = ({ panel }: Pick<UseCaseProps, 'panel'>): JSX.Element | false => {
  const wide = useMedia(WIDE)
  return !wide && <TransportBar>{panel}</TransportBar>
}
