/** The text field: CodeMirror on a text of Yjs, with others' cursors, and undo of one's own changes only. */
import { defaultKeymap } from '@codemirror/commands'
import { Compartment, EditorState, type Extension, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, placeholder, ViewPlugin } from '@codemirror/view'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import type { OpenDocument } from './documents.ts'
import { markLine } from './markdown.ts'

export interface CodeView {
  setWritable(writable: boolean): void
  destroy(): void
}

export const openCodeView = (
  parent: HTMLElement,
  { name, text, binding, undo }: OpenDocument,
  labelId: string,
): CodeView => {
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
        markdown,
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

/** Only what is in sight is looked at. */
const markdown: Extension = ViewPlugin.define(
  (view) => ({
    decorations: decorate(view),
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = decorate(update.view)
    },
  }),
  { decorations: ({ decorations }) => decorations },
)

const decorate = (view: EditorView): DecorationSet => {
  const builder = new RangeSetBuilder<Decoration>()
  const { doc } = view.state
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = doc.lineAt(at)
      const { line: className, marks } = markLine(line.text)
      if (className !== undefined) builder.add(line.from, line.from, Decoration.line({ class: className }))
      for (const mark of marks)
        builder.add(line.from + mark.from, line.from + mark.to, Decoration.mark({ class: mark.className }))
      at = line.to + 1
    }
  }
  return builder.finish()
}
