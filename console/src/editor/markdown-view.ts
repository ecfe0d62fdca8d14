/** Markdown that looks like what it says, as an extension of CodeMirror. Only what is in sight is looked at. */
import { type Extension, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin } from '@codemirror/view'
import { markLine } from './markdown.ts'

export const markdownView: Extension = ViewPlugin.define(
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
