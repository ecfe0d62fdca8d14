/** What one person said in one go: their name and the time once, then each message. */
import { type JSX, memo } from 'react'
import { Avatar } from '../person/avatar.tsx'
import { MessageText } from './message-text.tsx'
import type { Message } from '../../../examples/chat/message.ts'
import type { Person } from '../../../examples/chat/person.ts'
import { clockTime, exactTime } from './times.ts'

export interface TurnProps {
  readonly author: Person
  readonly own: boolean
  readonly messages: readonly Message[]
}

export const Turn = ({ author, own, messages }: TurnProps): JSX.Element => (
  <>
    {messages.map((message, index) => (
      <MessageView key={message.cursor} message={message} author={author} own={own} first={index === 0} />
    ))}
  </>
)

interface MessageViewProps {
  readonly message: Message
  readonly author: Person
  readonly own: boolean
  readonly first: boolean
}

/** A message never changes; only whether it is the first of its turn. */
const same = (a: MessageViewProps, b: MessageViewProps): boolean =>
  a.message === b.message && a.own === b.own && a.first === b.first

const MessageView = memo(({ message, author, own, first }: MessageViewProps): JSX.Element => {
  const { cursor, id, time, text, raw } = message
  const clock = (
    <time dateTime={new Date(time).toISOString()} title={exactTime(time)}>
      {clockTime(time)}
    </time>
  )
  return (
    <li
      className={first ? 'message first' : 'message'}
      data-message={id ?? cursor}
      data-own={own || undefined}
    >
      <span className="message-margin">{first ? <Avatar person={author} /> : clock}</span>
      <div className="message-body">
        {first ? (
          <p className="message-head">
            <bdi className="author">{author.name}</bdi>
            {own && <span className="you">you</span>}
            {clock}
          </p>
        ) : (
          <span className="visually-hidden">{author.name}: </span>
        )}
        <p className="message-line" dir="auto">
          <MessageText text={text} raw={raw} />
        </p>
      </div>
    </li>
  )
}, same)
