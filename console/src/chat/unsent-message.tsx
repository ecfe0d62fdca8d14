/** Something the person wrote that is not in the log yet, with what becomes of it. */
import type { ClientState } from 'holdfast'
import type { JSX } from 'react'
import { Avatar } from '../person/avatar.tsx'
import type { Person } from '../person/person.ts'
import { MessageText } from './message-text.tsx'
import type { Unsent } from './unsent.ts'

export interface UnsentMessageProps {
  readonly unsent: Unsent
  readonly author: Person
  readonly first: boolean
  readonly status: ClientState['status']
  readonly onRetry: () => void
  readonly onEdit: () => void
  readonly onDiscard: () => void
}

export const UnsentMessage = (props: UnsentMessageProps): JSX.Element => {
  const { unsent, author, first, status } = props
  const { kind } = unsent.state
  return (
    <li
      className={first ? 'message first unsent' : 'message unsent'}
      data-message={unsent.id}
      data-state={kind}
      data-own
    >
      <span className="message-margin">{first && <Avatar person={author} />}</span>
      <div className="message-body">
        {first && (
          <p className="message-head">
            <span className="author">{author.name}</span>
            <span className="you">you</span>
          </p>
        )}
        <p className="message-line">
          <MessageText text={unsent.text} raw={false} />
        </p>
        {kind === 'failed' ? (
          <Failed {...props} reason={unsent.state.reason} />
        ) : (
          <Progress kind={kind} status={status} />
        )}
      </div>
    </li>
  )
}

const Progress = ({
  kind,
  status,
}: {
  kind: 'sending' | 'accepted'
  status: ClientState['status']
}): JSX.Element => {
  const waiting = kind === 'sending' && status !== 'connected'
  return (
    <p className="message-state" data-waiting={waiting || undefined}>
      {kind === 'accepted' ? 'Sent' : waiting ? 'Waiting for the connection' : 'Sending …'}
    </p>
  )
}

const Failed = ({
  reason,
  onRetry,
  onEdit,
  onDiscard,
}: UnsentMessageProps & { reason: string }): JSX.Element => (
  <div className="message-failed" role="alert">
    <p>
      <strong>Not sent.</strong> {reason}
    </p>
    <div className="actions">
      <button type="button" className="button small" onClick={onRetry}>
        Try again
      </button>
      <button type="button" className="button small" onClick={onEdit}>
        Edit
      </button>
      <button type="button" className="button small" onClick={onDiscard}>
        Discard
      </button>
    </div>
  </div>
)
