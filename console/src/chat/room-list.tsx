/** The rooms that can be gone to, and the form that makes another. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { tidyRoomName } from './room-names.ts'
import { MANY } from './unread.tsx'

export interface RoomListProps {
  readonly rooms: readonly string[]
  readonly current: string
  readonly unread: Readonly<Record<string, number>>
  readonly hrefOf: (room: string) => string
  /** Somebody goes to a room. */
  readonly onGo?: (() => void) | undefined
}

export const RoomList = ({ rooms, current, unread, hrefOf, onGo }: RoomListProps): JSX.Element => (
  <nav className="rooms" aria-label="Rooms">
    <h2>Rooms</h2>
    <ul>
      {rooms.map((room) => (
        <li key={room}>
          <a
            className="room-link"
            href={hrefOf(room)}
            aria-current={room === current ? 'page' : undefined}
            onClick={onGo}
          >
            <RoomName room={room} />
            <Unread count={room === current ? 0 : (unread[room] ?? 0)} />
          </a>
        </li>
      ))}
    </ul>
    <NewRoom hrefOf={hrefOf} onGo={onGo} />
  </nav>
)

export const RoomName = ({ room }: { room: string }): JSX.Element => (
  <bdi className="room-name">
    <span className="hash" aria-hidden="true">
      #
    </span>
    {room}
  </bdi>
)

const Unread = ({ count }: { count: number }): JSX.Element | false =>
  count > 0 && (
    <span className="unread">
      {count > MANY ? `${MANY}+` : count}
      <span className="visually-hidden"> new</span>
    </span>
  )

const NewRoom = ({ hrefOf, onGo }: Pick<RoomListProps, 'hrefOf' | 'onGo'>): JSX.Element => {
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const field = useId()
  const name = tidyRoomName(text)
  const problem = tried && name === ''
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(name === '')
    if (name === '') return
    setText('')
    location.assign(hrefOf(name))
    onGo?.()
  }
  return (
    <form className="inline-form new-room" onSubmit={submit}>
      <label htmlFor={field}>Open or make a room</label>
      <div className="inline-form-row">
        <input
          id={field}
          value={text}
          placeholder="Room name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby={problem ? `${field}-help` : undefined}
          aria-invalid={problem || undefined}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button">
          Go
        </button>
      </div>
      {problem && (
        <p className="failure" id={`${field}-help`} role="alert">
          Give it a name of letters or digits.
        </p>
      )}
    </form>
  )
}
