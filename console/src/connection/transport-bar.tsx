/** The delivery panel in one line, for pages too narrow for it; it opens the panel as a sheet. */
import { type JSX, type ReactNode, useState } from 'react'
import { useConnection } from 'holdfast/react'
import { Sheet } from '../page/sheet.tsx'
import { DeliveryPanel } from './delivery-panel.tsx'
import { formatMs } from './duration.ts'
import { TransportGlyph } from './transport-glyph.tsx'
import { TITLES } from './transports.ts'

export const TransportBar = ({ children }: { children?: ReactNode }): JSX.Element => {
  const { transport, status, latency, counts } = useConnection()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="transport-bar"
        data-transport={transport}
        data-status={status}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <TransportGlyph transport={transport} />
        <strong>{TITLES[transport]}</strong>
        <span className="bar-delay">
          {status === 'connected' ? (latency.p50 === null ? '' : formatMs(latency.p50)) : 'no connection'}
        </span>
        <span className="bar-counts" data-bad={counts.lost + counts.duplicated > 0 || undefined}>
          {counts.lost} lost, {counts.duplicated} duplicated
        </span>
        <span className="visually-hidden">. Show delivery and change the transport</span>
        <svg className="chevron" viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 6.5 4 4 4-4" />
        </svg>
      </button>
      {open && (
        <Sheet title="Delivery" onClose={() => setOpen(false)}>
          <DeliveryPanel>{children}</DeliveryPanel>
        </Sheet>
      )}
    </>
  )
}
