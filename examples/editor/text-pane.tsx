/** Where the text field lives in the page. It is made once per document, whatever is drawn around it. */
import { type JSX, useEffect, useRef } from 'react'
import type { Extension } from '@codemirror/state'
import type { Writer } from './claims.ts'
import { type CodeView, openCodeView } from './code-view.ts'
import type { OpenDocument } from './documents.ts'

interface TextPaneProps {
  readonly opened: OpenDocument
  readonly person: Writer
  readonly labelId: string
  readonly writable: boolean
  readonly extension: Extension
}

export const TextPane = ({ opened, person, labelId, writable, extension }: TextPaneProps): JSX.Element => {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<CodeView>(undefined)
  useEffect(() => {
    if (parent.current === null) return undefined
    const made = openCodeView(parent.current, opened, { labelId, extension })
    view.current = made
    return () => made.destroy()
  }, [opened, labelId, extension])
  useEffect(() => view.current?.setWritable(writable), [opened, labelId, extension, writable])
  const { id, name } = person
  useEffect(() => {
    opened.show({ id, name })
    return () => opened.show(undefined)
  }, [opened, id, name])
  return <div className="editor-text" ref={parent} />
}
