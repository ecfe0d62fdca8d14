/**
 * The editor of examples/editor in the console's frame. The page adds a choice of documents, Markdown that looks like what
 * it says, faces and buttons for undo in the bar, and the length of the document's log.
 */
import { type JSX, useEffect } from 'react'
import { Editor } from '../../../examples/editor/editor.tsx'
import type { PageProps } from '../page/pages.ts'
import { goTo, hrefOf } from '../page/route.ts'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'
import { Bar } from './bar.tsx'
import { DocumentList } from './document-list.tsx'
import { LogLine } from './log-line.tsx'
import { markdownView } from './markdown-view.ts'
import './editor-page.css'

export const View = ({ rest: [name = 'welcome'] }: PageProps): JSX.Element => {
  useEffect(() => {
    document.title = `${name} · Editor · Holdfast`
  }, [name])
  return (
    <UseCase title="Editor" summary="One text, several hands: edits merge, also those made offline">
      <div className="editor-page">
        <DocumentList
          current={name}
          hrefOf={(other) => hrefOf('editor', other)}
          onOpen={(other) => goTo('editor', other)}
        />
        <Editor person={usePerson()} name={name} Bar={Bar} extension={markdownView} />
        <LogLine name={name} />
      </div>
    </UseCase>
  )
}
