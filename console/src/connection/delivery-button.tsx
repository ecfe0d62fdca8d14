/** The delivery panel in two short lines, where there is no room for it; it opens the panel as a sheet. */
import { type JSX, type ReactNode, useState } from 'react'
import { useConnection } from 'holdfast/react'
import type { ClientState } from 'holdfast'
import { Sheet } from '../page/sheet.tsx'
import { DeliveryPanel } from './delivery-panel.tsx'
import { formatMs } from './duration.ts'
import { TransportGlyph } from './transport-glyph.tsx'
import { TITLES } from './transports.ts'

export interface DeliveryButtonProps {
  /** What there is to look at on this page, for which the header has no room. */
  readonly summary: string
  readonly children?: ReactNode
}

export const DeliveryButton = ({ summary, children }: DeliveryButtonProps): JSX.Element => {
  const state = useConnection()
  const { transport, status, counts } = state
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="delivery-button"
        data-transport={transport}
        data-status={status}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <TransportGlyph transport={transport} />
        <span className="delivery-button-text">
          <strong>{TITLES[transport]}</strong>
          <span className="visually-hidden">, </span>
          <span data-bad={counts.lost + counts.duplicated > 0 || undefined}>{numbersOf(state)}</span>
          <span className="visually-hidden">
            , {counts.lost} lost, {counts.duplicated} duplicated. Show delivery and change the transport
          </span>
        </span>
        <svg className="chevron" viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 6.5 4 4 4-4" />
        </svg>
      </button>
      {open && (
        <Sheet title="Delivery" onClose={() => setOpen(false)}>
          <p className="sheet-summary quiet">{summary}</p>
          <DeliveryPanel>{children}</DeliveryPanel>
        </Sheet>
      )}
    </>
  )
}

/** The worst there is to say, in the room of a few letters. */
const numbersOf = ({ status, latency, counts }: ClientState): string => {
  if (status === 'offline') return 'offline'
  if (status !== 'connected') return 'no connection'
  if (counts.lost > 0) return `${counts.lost} lost`
  if (counts.duplicated > 0) return `${counts.duplicated} duplicated`
  return latency.p50 === null ? 'none lost' : `${formatMs(latency.p50)}, none lost`
}
