/**
 * The documents that are open in this page. One stays open once it was, so that going elsewhere and coming back finds
 * it as it was, with its undo history, and what was typed offline waits here and not in a view.
 */
import type { Client } from 'holdfast'
import { bindDocument, type DocumentBinding } from 'holdfast/yjs'
import { Doc, type Text, UndoManager } from 'yjs'
import { acceptClaim, drawnUser, TEXT_NAME, type Writer } from './claims.ts'
import { unsentInSession } from './unsent-in-session.ts'

export interface OpenDocument {
  readonly name: string
  readonly text: Text
  readonly binding: DocumentBinding
  /** Of what was written here, and nothing else. */
  readonly undo: UndoManager
  /** Others see this person's cursor; undefined: no more. */
  show(writer: Writer | undefined): void
}

const documentsOf = new WeakMap<Client, Map<string, OpenDocument>>()

export const openDocument = (client: Client, name: string): OpenDocument => {
  let documents = documentsOf.get(client)
  if (documents === undefined) documentsOf.set(client, (documents = new Map()))
  let opened = documents.get(name)
  if (opened === undefined) documents.set(name, (opened = open(client, name)))
  return opened
}

const open = (client: Client, name: string): OpenDocument => {
  const doc = new Doc()
  const text = doc.getText(TEXT_NAME)
  const binding = bindDocument(client, `editor/${name}`, doc, {
    acceptState: acceptClaim,
    // A log that has grown by so much is read as one snapshot, and trimmed before it, by whoever wrote last.
    compaction: { entries: 200 },
    unsent: unsentInSession(name),
    // What nobody could read is counted in the state, and shown.
    onError: () => undefined,
  })
  // Nobody's cursor is here before somebody shows theirs.
  binding.awareness?.setLocalState(null)
  return {
    name,
    text,
    binding,
    // The text field adds itself to the origins.
    undo: new UndoManager(text, { trackedOrigins: new Set() }),
    show: (writer) => {
      const { awareness } = binding
      const cursor: unknown = awareness?.getLocalState()?.['cursor'] ?? null
      awareness?.setLocalState(writer === undefined ? null : { user: drawnUser(writer), cursor })
    },
  }
}
