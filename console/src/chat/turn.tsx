/** What one person said in one go: their name and the time once, then each message. */
import { type JSX, memo } from 'react'
import { TITLES } from '../connection/transports.ts'
import { Avatar } from '../person/avatar.tsx'
import type { Person } from '../person/person.ts'
import { MessageText } from './message-text.tsx'
import { clockTime, exactTime } from './times.ts'
import type { Entry } from './timeline.ts'

export interface TurnProps {
  readonly author: Person
  readonly own: boolean
  readonly entries: readonly Entry[]
}

export const Turn = ({ author, own, entries }: TurnProps): JSX.Element => (
  <>
    {entries.map((entry, index) => (
      <Message key={entry.cursor} entry={entry} author={author} own={own} first={index === 0} />
    ))}
  </>
)

interface MessageProps {
  readonly entry: Entry
  readonly author: Person
  readonly own: boolean
  readonly first: boolean
}

const sameMessage = (a: MessageProps, b: MessageProps): boolean =>
  a.entry === b.entry && a.own === b.own && a.first === b.first

const Message = memo(({ entry, author, own, first }: MessageProps): JSX.Element => {
  const { cursor, id, time, via, text, raw } = entry
  const details = via === undefined ? exactTime(time) : `${exactTime(time)}, came over ${TITLES[via]}`
  const clock = (
    <time dateTime={new Date(time).toISOString()} title={details}>
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
            <span className="author">{author.name}</span>
            {own && <span className="you">you</span>}
            {clock}
          </p>
        ) : (
          <span className="visually-hidden">{author.name}: </span>
        )}
        <p className="message-line">
          <MessageText text={text} raw={raw} />
        </p>
      </div>
    </li>
  )
}, sameMessage)
