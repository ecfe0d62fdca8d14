/** The rooms and people where there is no room beside the messages: from below. The platform keeps the focus in it. */
import { type JSX, type MouseEvent, type ReactNode, useEffect, useRef } from 'react'

export interface DrawerProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

export const Drawer = ({ title, onClose, children }: DrawerProps): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose()
  }
  return (
    <dialog ref={dialog} className="drawer" aria-label={title} onClose={onClose} onClick={closeOutside}>
      <div className="drawer-content">
        <div className="drawer-header">
          <h2>{title}</h2>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  )
}
