/** A chat: rooms, and the one that the address names. It lives under a <HoldfastProvider>, and fills its box. */
import { type FormEvent, type JSX, useState, useSyncExternalStore } from 'react'
import { useConnection } from 'holdfast/react'
import { Messages } from './messages.tsx'
import type { Person } from './person.ts'
import { type Room, ROOMS, useRoom } from './room.ts'
import { countText, troubleOf, typingText } from './words.ts'
import './chat.css'

export const Chat = ({ person }: { readonly person: Person }): JSX.Element => {
  const current = useSyncExternalStore(listen, roomOfAddress, () => ROOMS[0])
  return (
    <div className="chat chat-alone">
      <nav aria-label="Rooms">
        {ROOMS.map((room) => (
          <a key={room} href={`#${room}`} aria-current={room === current ? 'page' : undefined}>
            {room}
          </a>
        ))}
      </nav>
      <RoomView key={current} name={current} person={person} />
    </div>
  )
}

const listen = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const roomOfAddress = () => ROOMS.find((room) => location.hash === `#${room}`) ?? ROOMS[0]

const RoomView = ({ name, person }: { readonly name: string; readonly person: Person }): JSX.Element => {
  const room = useRoom(name, person)
  const trouble = useConnection(troubleOf) ?? (room.messages.length > 0 && room.ended)
  return (
    <section className="conversation" aria-label={`Room ${name}`}>
      <header>
        <h2>#{name}</h2>
        <span>{countText(room.people.length)}</span>
        <bdi>{room.people.map((each) => each.name).join(', ')}</bdi>
      </header>
      <Messages room={room} />
      <p className="trouble" role="status">
        {trouble}
      </p>
      <p className="typing" role="status">
        {typingText(room.typists)}
      </p>
      <Composer room={room} />
    </section>
  )
}

/** Enter sends, as in any form of one field. */
const Composer = ({ room }: { readonly room: Room }): JSX.Element => {
  const [draft, setDraft] = useState('')
  const write = (text: string): void => {
    setDraft(text)
    room.note(text)
  }
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (draft.trim() === '') return
    room.unsent.say(draft.trim())
    write('')
  }
  return (
    <form className="composer" onSubmit={send}>
      <input
        value={draft}
        disabled={room.ended !== undefined}
        placeholder={`Message #${room.name}`}
        aria-label={`Message ${room.name}`}
        onChange={(event) => write(event.target.value)}
      />
      <button className="button">Send</button>
    </form>
  )
}
