/** The messages of a room, oldest first, and beneath them what is still on its way. */
import { type JSX, type ReactNode, useState } from 'react'
import { useConnection } from 'holdfast/react'
import type { Room } from './room.ts'
import type { Unsent } from './unsent.ts'
import { reasonOf } from './words.ts'

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const GAP = <p className="edge">What was said next is no longer kept.</p>

export const Messages = ({ room }: { readonly room: Room }): JSX.Element => {
  const { name, person, messages, unsent } = room
  if (messages.length + unsent.all.length === 0) return <Empty room={room} />
  return (
    // Scrolled by keyboard too. Its style keeps it at its end, unless somebody reads further up.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="messages" tabIndex={0} role="region" aria-label={`Messages in ${name}`}>
      <ol>
        <li>
          <Earlier room={room} />
        </li>
        {messages.map(({ cursor, offset, author, text, time }, index) => (
          <Line key={cursor} author={author.name} text={text} time={CLOCK.format(time)}>
            {/* Offsets have no holes. */}
            {offset + 1 !== (messages[index + 1]?.offset ?? offset + 1) && GAP}
          </Line>
        ))}
        {unsent.all.map((each) => (
          <Line key={each.id} author={person.name} text={each.text} time="">
            <Progress room={room} unsent={each} />
          </Line>
        ))}
      </ol>
    </div>
  )
}

type LineProps = Record<'author' | 'text' | 'time', string> & { readonly children: ReactNode }

const Line = ({ author, text, time, children }: LineProps): JSX.Element => (
  <li className="line">
    <strong dir="auto">{author}</strong> <time>{time}</time>
    <p className="message-text" dir="auto">
      {text}
    </p>
    {children}
  </li>
)

const Empty = ({ room: { name, ended, log } }: { readonly room: Room }): JSX.Element => {
  const still = log.ready ? `Nothing has been said in #${name} yet.` : `Opening #${name} …`
  return <p className="empty">{ended ?? still}</p>
}

/** What lies before the first message. */
export const Earlier = ({ room: { name, log } }: { readonly room: Room }): JSX.Element => {
  const { earlier, loadEarlier } = log
  const [failure, setFailure] = useState<unknown>()
  if (earlier === 'beginning') return <p className="edge">This is the beginning of #{name}.</p>
  if (earlier === 'trimmed') return <p className="edge">Older messages are no longer kept.</p>
  const load = (): void => void loadEarlier().then(() => setFailure(undefined), setFailure)
  return (
    <p className="edge">
      {failure !== undefined && <span role="alert">They could not be loaded: {reasonOf(failure)} </span>}
      <button type="button" className="button" disabled={earlier === 'loading'} onClick={load}>
        {earlier === 'loading' ? 'Loading …' : 'Load earlier messages'}
      </button>
    </p>
  )
}

export interface ProgressProps {
  readonly room: Room
  readonly unsent: Unsent
  /** What else can be done with a message that was not sent. */
  readonly children?: ReactNode
}

/** What becomes of a message that is not in the log yet. */
export const Progress = ({ room, unsent, children }: ProgressProps): JSX.Element => {
  const connected = useConnection(({ status }) => status === 'connected')
  if (unsent.state !== 'failed')
    return <p className="message-state">{connected ? 'Sending …' : 'Waiting for the connection'}</p>
  return (
    <div className="message-failed" role="alert">
      <strong>Not sent.</strong> {unsent.reason}
      <div className="actions">
        <button type="button" className="button" onClick={() => room.unsent.retry(unsent)}>
          Try again
        </button>
        {children}
        <button type="button" className="button" onClick={() => room.unsent.discard(unsent.id)}>
          Discard
        </button>
      </div>
    </div>
  )
}
