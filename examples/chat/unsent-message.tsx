/** Something the person wrote that is not in the log yet, with what becomes of it. */
import type { JSX } from 'react'
import { Avatar } from './avatar.tsx'
import { MessageText } from './message-text.tsx'
import type { Person } from './person.ts'
import type { Unsent } from './unsent.ts'

export interface UnsentMessageProps {
  readonly unsent: Unsent
  readonly author: Person
  readonly first: boolean
  readonly connected: boolean
  readonly onRetry: () => void
  readonly onEdit: () => void
  readonly onDiscard: () => void
}

export const UnsentMessage = (props: UnsentMessageProps): JSX.Element => {
  const { unsent, author, first } = props
  return (
    <li
      className={first ? 'message first unsent' : 'message unsent'}
      data-message={unsent.id}
      data-state={unsent.state}
      data-own
    >
      <span className="message-margin">{first && <Avatar person={author} />}</span>
      <div className="message-body">
        {first && (
          <p className="message-head">
            <bdi className="author">{author.name}</bdi>
            <span className="you">you</span>
          </p>
        )}
        <p className="message-line" dir="auto">
          <MessageText text={unsent.text} raw={false} />
        </p>
        {unsent.state === 'failed' ? <Failed {...props} /> : <Progress {...props} />}
      </div>
    </li>
  )
}

const Progress = ({ unsent, connected }: UnsentMessageProps): JSX.Element => {
  const waiting = unsent.state === 'sending' && !connected
  return (
    <p className="message-state" data-waiting={waiting || undefined}>
      {unsent.state === 'accepted' ? 'Sent' : waiting ? 'Waiting for the connection' : 'Sending …'}
    </p>
  )
}

const Failed = ({ unsent, onRetry, onEdit, onDiscard }: UnsentMessageProps): JSX.Element => (
  <div className="message-failed" role="alert">
    <p>
      <strong>Not sent.</strong> {unsent.reason}
    </p>
    <div className="actions">
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
      <button type="button" className="button" onClick={onEdit}>
        Edit
      </button>
      <button type="button" className="button" onClick={onDiscard}>
        Discard
      </button>
    </div>
  </div>
)
