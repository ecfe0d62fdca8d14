/** A button for what cannot be taken back: it says what will happen, asks, does it, and says when it could not. */
import { type JSX, type ReactNode, useId, useRef, useState } from 'react'
import { act, AdminError } from './admin-api.ts'

export interface ActButtonProps {
  readonly label: string
  /** What will be done, as a question's heading. */
  readonly title: string
  /** What comes of it. */
  readonly children: ReactNode
  readonly path: string
  readonly fields: object
  readonly disabled?: boolean
  readonly onDone?: () => void
}

export const ActButton = (props: ActButtonProps): JSX.Element => {
  const { label, title, children, path, fields, disabled, onDone } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const [state, setState] = useState<{ busy: boolean; fault: string }>({ busy: false, fault: '' })
  const run = async (): Promise<void> => {
    setState({ busy: true, fault: '' })
    try {
      await act(path, fields)
      setState({ busy: false, fault: '' })
      dialog.current?.close()
      onDone?.()
    } catch (error) {
      setState({ busy: false, fault: error instanceof AdminError ? error.message : String(error) })
    }
  }
  return (
    <>
      <button
        type="button"
        className="button small"
        disabled={disabled}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} className="admin-dialog" aria-labelledby={heading}>
        <h2 id={heading}>{title}</h2>
        <div className="admin-dialog-text">{children}</div>
        <p className="failure" role="status">
          {state.fault}
        </p>
        <div className="admin-dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="button admin-do" disabled={state.busy} onClick={() => void run()}>
            {label}
          </button>
        </div>
      </dialog>
    </>
  )
}
