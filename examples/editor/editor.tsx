/**
 * The editor: a bar that says which document this is, what becomes of what is typed and who is here, and the text. What
 * is typed is Yjs' and the binding's; this only draws their state.
 */
import { type ComponentType, type JSX, useCallback, useId, useSyncExternalStore } from 'react'
import type { Extension } from '@codemirror/state'
import type { DocumentState } from 'holdfast/yjs'
import { useClient, useConnection } from 'holdfast/react'
import type { Writer } from './claims.ts'
import { type OpenDocument, openDocument } from './documents.ts'
import { hereOf, usePeople } from './people.ts'
import { isWritable, type Saving, savingOf } from './saving.ts'
import { TextPane } from './text-pane.tsx'
import './editor.css'

export interface EditorProps {
  readonly person: Writer
  /** Of the document. */
  readonly name?: string
  /** Instead of the plain bar. */
  readonly Bar?: ComponentType<BarProps>
  /** More for CodeMirror. The same in every render: another one makes the text field anew. */
  readonly extension?: Extension
}

export interface BarProps {
  readonly opened: OpenDocument
  readonly person: Writer
  readonly saving: Saving
  readonly writable: boolean
  /** For the element that names the text field. */
  readonly labelId: string
}

const NO_EXTENSION: Extension = []

export const Editor = ({
  person,
  name = 'welcome',
  Bar = PlainBar,
  extension = NO_EXTENSION,
}: EditorProps): JSX.Element => {
  const opened = openDocument(useClient(), name)
  const state = useDocumentState(opened)
  const { status } = useConnection()
  const labelId = useId()
  const saving = savingOf(state, status)
  const field = { opened, person, labelId, writable: isWritable(state) }
  return (
    <div className="editor">
      <Bar {...field} saving={saving} />
      <Notice saving={saving} incomplete={state.incomplete} />
      <TextPane key={name} {...field} extension={extension} />
    </div>
  )
}

export const useDocumentState = ({ binding }: OpenDocument): DocumentState => {
  const listen = useCallback((listener: () => void) => binding.on('state', listener), [binding])
  return useSyncExternalStore(listen, () => binding.state)
}

const PlainBar = ({ opened: { name }, person, saving, labelId }: BarProps): JSX.Element => {
  const people = usePeople(name, person)
  return (
    <header className="editor-bar">
      <h2 id={labelId}>{name}</h2>
      <p className="editor-saving" data-saving={saving.kind}>
        {saving.text}
      </p>
      <p className="editor-people">{hereOf(people, person)}</p>
    </header>
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
