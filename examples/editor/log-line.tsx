/** How long the document's log is, what a snapshot of it covers, and a way to shorten it now. */
import { type JSX, useState } from 'react'
import type { DocumentState } from 'holdfast/yjs'
import type { OpenDocument } from './documents.ts'
import { sizeOf } from './saving.ts'

interface LogLineProps {
  readonly opened: OpenDocument
  readonly state: DocumentState
  readonly connected: boolean
}

export const LogLine = ({ opened, state, connected }: LogLineProps): JSX.Element => {
  const [failure, setFailure] = useState<string>()
  const { log, covered, compacting, unreadable, synced } = state
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
        className="editor-button"
        disabled={!connected || !synced || compacting || log.entries < 2}
        onClick={shorten}
      >
        {compacting ? 'Shortening …' : 'Shorten the log'}
      </button>
    </footer>
  )
}
