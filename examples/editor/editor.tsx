/** The editor: which document, who is in it, what becomes of what is typed, the text, and how long its log is. */
import { type JSX, useCallback, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react'
import type { DocumentState } from 'holdfast/yjs'
import { useClient, useConnection } from 'holdfast/react'
import type { Writer } from './claims.ts'
import { type CodeView, openCodeView } from './code-view.ts'
import { DocumentList } from './document-list.tsx'
import { type OpenDocument, openDocument } from './documents.ts'
import { LogLine } from './log-line.tsx'
import { People } from './people.tsx'
import { isWritable, type Saving, savingOf } from './saving.ts'
import './editor.css'

export interface EditorProps {
  readonly person: Writer
  /** Of the document. */
  readonly name?: string
  /** Where another document is found. */
  readonly hrefOf?: (name: string) => string
  readonly onOpen?: (name: string) => void
}

export const Editor = ({ person, name = 'welcome', hrefOf, onOpen }: EditorProps): JSX.Element => {
  const client = useClient()
  const opened = openDocument(client, name)
  const state = useDocumentState(opened)
  const { status } = useConnection()
  const labelId = useId()
  const saving = savingOf(state, status)
  return (
    <div className="editor">
      <DocumentList current={name} hrefOf={hrefOf} onOpen={onOpen} />
      <div className="editor-bar">
        <h2 id={labelId} className={hrefOf === undefined ? undefined : 'visually-hidden'}>
          {name}
        </h2>
        <SavingLine saving={saving} />
        <People name={name} person={person} />
        <UndoButtons opened={opened} disabled={!isWritable(state)} />
      </div>
      <Notice saving={saving} incomplete={state.incomplete} />
      <TextPane key={name} opened={opened} person={person} labelId={labelId} writable={isWritable(state)} />
      <LogLine opened={opened} state={state} connected={status === 'connected'} />
    </div>
  )
}

const useDocumentState = ({ binding }: OpenDocument): DocumentState => {
  const listen = useCallback((listener: () => void) => binding.on('state', listener), [binding])
  return useSyncExternalStore(listen, () => binding.state)
}

interface TextPaneProps {
  readonly opened: OpenDocument
  readonly person: Writer
  readonly labelId: string
  readonly writable: boolean
}

/** The text field is made once per document, whatever is drawn around it: it keeps its cursor and its focus. */
const TextPane = ({ opened, person, labelId, writable }: TextPaneProps): JSX.Element => {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<CodeView>(undefined)
  useEffect(() => {
    if (parent.current === null) return undefined
    const made = openCodeView(parent.current, opened, labelId)
    view.current = made
    return () => made.destroy()
  }, [opened, labelId])
  useEffect(() => view.current?.setWritable(writable), [opened, labelId, writable])
  const { id, name } = person
  useEffect(() => {
    opened.show({ id, name })
    return () => opened.show(undefined)
  }, [opened, id, name])
  return <div className="editor-text" ref={parent} />
}

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

const Notice = ({ saving, incomplete }: { saving: Saving; incomplete: boolean }): JSX.Element | false => {
  const text =
    saving.kind === 'read-only'
      ? 'You can read this document, and not change it.'
      : incomplete &&
        'The log has let go of part of this document before a snapshot of it was written. What is shown may not be all.'
  return text !== false && <p className="editor-notice">{text}</p>
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
        className="editor-button"
        disabled={disabled || !canUndo}
        onClick={() => undo.undo()}
      >
        Undo
      </button>
      <button
        type="button"
        className="editor-button"
        disabled={disabled || !canRedo}
        onClick={() => undo.redo()}
      >
        Redo
      </button>
    </div>
  )
}
