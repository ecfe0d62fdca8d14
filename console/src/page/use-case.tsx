/** The frame of a use case: what it is, the application itself, and beside it how what it shows was delivered. */
import type { JSX, ReactNode } from 'react'
import { DeliveryButton } from '../connection/delivery-button.tsx'
import { DeliveryPanel } from '../connection/delivery-panel.tsx'
import { useMedia, WIDE } from './media.ts'
import { PageHeader } from './page-header.tsx'

export interface UseCaseProps {
  readonly title: string
  /** What to look at, in a sentence. */
  readonly summary: string
  /** What can be done to all of it, at the end of the header. */
  readonly actions?: ReactNode
  /** Beneath the delivery panel: what else can be done to the traffic. */
  readonly panel?: ReactNode
  readonly children: ReactNode
}

export const UseCase = ({ title, summary, actions, panel, children }: UseCaseProps): JSX.Element => {
  const wide = useMedia(WIDE)
  return (
    <div className="delivered">
      <main className="use-case">
        <PageHeader
          title={title}
          summary={summary}
          actions={
            <>
              {actions}
              {!wide && <DeliveryButton summary={summary}>{panel}</DeliveryButton>}
            </>
          }
        />
        <div className="use-case-body">{children}</div>
      </main>
      {wide && (
        <aside className="delivery-side" aria-labelledby="delivery-heading">
          <header>
            <h2 id="delivery-heading">Delivery</h2>
            <p className="quiet">every message, once, in order</p>
          </header>
          <DeliveryPanel>{panel}</DeliveryPanel>
        </aside>
      )}
    </div>
  )
}
