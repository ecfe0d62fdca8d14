/** The editor, in the console's frame. */
import { type JSX, useEffect } from 'react'
import { Editor } from '../../../examples/editor/editor.tsx'
import type { PageProps } from '../page/pages.ts'
import { goTo, hrefOf } from '../page/route.ts'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'

export const View = ({ rest: [name = 'welcome'] }: PageProps): JSX.Element => {
  useEffect(() => {
    document.title = `${name} · Editor · Holdfast`
  }, [name])
  return (
    <UseCase title="Editor" summary="One text, several hands: edits merge, also those made offline">
      <Editor
        person={usePerson()}
        name={name}
        hrefOf={(other) => hrefOf('editor', other)}
        onOpen={(other) => goTo('editor', other)}
      />
    </UseCase>
  )
}
