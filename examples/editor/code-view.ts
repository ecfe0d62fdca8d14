/** The text field: CodeMirror on a text of Yjs, with others' cursors, and undo of one's own changes only. */
import { defaultKeymap } from '@codemirror/commands'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, keymap, placeholder } from '@codemirror/view'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import type { OpenDocument } from './documents.ts'

export interface CodeView {
  setWritable(writable: boolean): void
  destroy(): void
}

interface CodeViewOptions {
  /** Of the element that names the field. */
  readonly labelId: string
  /** What else CodeMirror is to do. */
  readonly extension: Extension
}

export const openCodeView = (
  parent: HTMLElement,
  { name, text, binding, undo }: OpenDocument,
  { labelId, extension }: CodeViewOptions,
): CodeView => {
  // Nothing can be typed before it is known that it may be.
  const writable = new Compartment()
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text.toJSON(),
      extensions: [
        writable.of(EditorState.readOnly.of(true)),
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          'aria-labelledby': labelId,
          spellcheck: 'true',
          autocapitalize: 'sentences',
          autocorrect: 'on',
        }),
        placeholder(`${name} is empty. Write something.`),
        extension,
        yCollab(text, binding.awareness, { undoManager: undo }),
      ],
    }),
  })
  return {
    setWritable: (allowed) =>
      view.dispatch({ effects: writable.reconfigure(EditorState.readOnly.of(!allowed)) }),
    destroy: () => view.destroy(),
  }
}
