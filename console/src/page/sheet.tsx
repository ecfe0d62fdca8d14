/** A panel over the page: from below on a phone, from the side elsewhere. The platform keeps the focus in it. */
import { type JSX, type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react'

export interface SheetProps {
  readonly title: string
  readonly side?: 'start' | 'end'
  readonly onClose: () => void
  readonly children: ReactNode
}

export const Sheet = ({ title, side = 'end', onClose, children }: SheetProps): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current
    if (element !== null && !element.open) element.showModal()
  }, [])
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose()
  }
  return (
    <dialog
      ref={dialog}
      className="sheet"
      data-side={side}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={closeOutside}
    >
      <div className="sheet-content">
        <div className="sheet-header">
          <h2 id={heading}>{title}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="m3.5 3.5 9 9m0-9-9 9" />
            </svg>
          </button>
        </div>
        {children}
      </div>
    </dialog>
  )
}
