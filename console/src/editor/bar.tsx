/** The bar over the text: what becomes of what is typed, who is here, and buttons for undo. */
import { type JSX, useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { OpenDocument } from '../../../examples/editor/documents.ts'
import type { BarProps } from '../../../examples/editor/editor.tsx'
import type { Saving } from '../../../examples/editor/saving.ts'
import { People } from './people.tsx'

export const Bar = ({ opened, person, saving, writable, labelId }: BarProps): JSX.Element => (
  <div className="editor-bar">
    <h2 id={labelId} className="visually-hidden">
      {opened.name}
    </h2>
    <SavingLine saving={saving} />
    <People name={opened.name} person={person} />
    <UndoButtons opened={opened} disabled={!writable} />
  </div>
)

/** Typing must not make it flicker: that something is on its way is said only when it takes a while. */
const PATIENCE_MS = 800

const SavingLine = ({ saving }: { saving: Saving }): JSX.Element => {
  const [late, setLate] = useState(false)
  const sending = saving.kind === 'sending'
  useEffect(() => {
    if (!sending) return undefined
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [sending])
  const shown: Saving = sending && !late ? { kind: 'saved', text: 'Saved' } : saving
  return (
    <p className="editor-saving" data-saving={shown.kind} role="status">
      {shown.text}
    </p>
  )
}

const UndoButtons = ({
  opened: { undo },
  disabled,
}: {
  opened: OpenDocument
  disabled: boolean
}): JSX.Element => {
  const listen = useCallback(
    (listener: () => void) => {
      const events = ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const
      for (const event of events) undo.on(event, listener)
      return () => {
        for (const event of events) undo.off(event, listener)
      }
    },
    [undo],
  )
  const canUndo = useSyncExternalStore(listen, () => undo.undoStack.length > 0)
  const canRedo = useSyncExternalStore(listen, () => undo.redoStack.length > 0)
  return (
    <div className="editor-undo" role="group" aria-label="Your own changes">
      <button
        type="button"
        className="button small"
        disabled={disabled || !canUndo}
        onClick={() => undo.undo()}
      >
        Undo
      </button>
      <button
        type="button"
        className="button small"
        disabled={disabled || !canRedo}
        onClick={() => undo.redo()}
      >
        Redo
      </button>
    </div>
  )
}
