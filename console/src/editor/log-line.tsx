/** How long the document's log is, what a snapshot of it covers, and a way to shorten it now. */
import { type JSX, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { openDocument } from '../../../examples/editor/documents.ts'
import { useDocumentState } from '../../../examples/editor/editor.tsx'
import { sizeOf } from './size.ts'

export const LogLine = ({ name }: { name: string }): JSX.Element => {
  // The same that the editor shows: a document is opened once per client.
  const opened = openDocument(useClient(), name)
  const { log, covered, compacting, unreadable, synced } = useDocumentState(opened)
  const connected = useConnection().status === 'connected'
  const [failure, setFailure] = useState<string>()
  const shorten = (): void => {
    setFailure(undefined)
    opened.binding.compact().catch((error: Error) => setFailure(`Not shortened: ${error.message}`))
  }
  return (
    <footer className="editor-log">
      <p data-entries={log.entries} data-covered={covered}>
        <span>
          {log.entries === 1 ? '1 publication' : `${log.entries} publications`} in the log,{' '}
          {sizeOf(log.bytes)}
        </span>
        <span>{covered === 0 ? 'No snapshot yet' : `A snapshot stands for the first ${covered}`}</span>
        {unreadable > 0 && <span>{unreadable} left out: not readable</span>}
        {failure !== undefined && <span role="alert">{failure}</span>}
      </p>
      <button
        type="button"
        className="button small"
        disabled={!connected || !synced || compacting || log.entries < 2}
        onClick={shorten}
      >
        {compacting ? 'Shortening …' : 'Shorten the log'}
      </button>
    </footer>
  )
}
