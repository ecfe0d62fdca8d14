/** Something the person wrote that is not in the log yet, with what becomes of it. */
import type { JSX } from 'react'
import { Progress } from '../../../examples/chat/messages.tsx'
import type { Room } from '../../../examples/chat/room.ts'
import type { Unsent } from '../../../examples/chat/unsent.ts'
import { Avatar } from '../person/avatar.tsx'
import { MessageText } from './message-text.tsx'

export interface UnsentMessageProps {
  readonly room: Room
  readonly unsent: Unsent
  readonly first: boolean
  readonly onEdit: () => void
}

export const UnsentMessage = ({ room, unsent, first, onEdit }: UnsentMessageProps): JSX.Element => {
  const author = room.person
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
        <Progress room={room} unsent={unsent}>
          <button type="button" className="button" onClick={onEdit}>
            Edit
          </button>
        </Progress>
      </div>
    </li>
  )
}
