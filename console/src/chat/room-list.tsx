/** The rooms that can be gone to, and the form that makes another. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { goTo, hrefOf } from '../page/route.ts'
import { roomNamed, tidyRoomName, useRoomNames, useRoomState } from './rooms.ts'

export const RoomList = ({ current, onGo }: { current: string; onGo?: () => void }): JSX.Element => {
  const names = useRoomNames()
  return (
    <nav className="rooms" aria-label="Rooms">
      <h2>Rooms</h2>
      <ul>
        {names.map((name) => (
          <RoomLink key={name} name={name} current={name === current} onGo={onGo} />
        ))}
      </ul>
      <NewRoom onGo={onGo} />
    </nav>
  )
}

type OnGo = { onGo: (() => void) | undefined }

const RoomLink = ({ name, current, onGo }: { name: string; current: boolean } & OnGo): JSX.Element => {
  const { unread } = useRoomState(roomNamed(name))
  return (
    <li>
      <a href={hrefOf('chat', name)} aria-current={current ? 'page' : undefined} onClick={onGo}>
        <span className="hash" aria-hidden="true">
          #
        </span>
        <span className="room-name">{name}</span>
        {unread > 0 && !current && (
          <span className="unread">
            {unread > 99 ? '99+' : unread}
            <span className="visually-hidden"> new</span>
          </span>
        )}
      </a>
    </li>
  )
}

const NewRoom = ({ onGo }: OnGo): JSX.Element => {
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const field = useId()
  const help = useId()
  const name = tidyRoomName(text)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name === '') return setTried(true)
    goTo('chat', name)
    setText('')
    setTried(false)
    onGo?.()
  }
  const problem = tried && name === ''
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
          aria-describedby={problem ? help : undefined}
          aria-invalid={problem || undefined}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button small">
          Go
        </button>
      </div>
      {problem && (
        <p className="failure" id={help} role="alert">
          Give it a name of letters or digits.
        </p>
      )}
    </form>
  )
}
