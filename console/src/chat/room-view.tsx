/** One room as the page shows it: the example's room, with rooms and people beside it, and where one writes. */
import { type JSX, useEffect, useRef, useState } from 'react'
import { useConnection } from 'holdfast/react'
import type { Person } from '../../../examples/chat/person.ts'
import { channelOf, type Room, useRoom } from '../../../examples/chat/room.ts'
import { countText, troubleOf, typingText } from '../../../examples/chat/words.ts'
import { Sheet } from '../page/sheet.tsx'
import { Announcer } from './announcer.tsx'
import { Composer, useDraft } from './composer.tsx'
import { MessageList } from './message-list.tsx'
import { People } from './people.tsx'
import { RoomList, type RoomListProps, RoomName } from './room-list.tsx'
import { markRead } from './unread.tsx'

export interface RoomViewProps {
  readonly name: string
  readonly person: Person
  readonly list: RoomListProps
}

export const RoomView = ({ name, person, list }: RoomViewProps): JSX.Element => {
  const room = useRoom(name, person)
  const { messages, people, ended } = room
  const field = useRef<HTMLTextAreaElement>(null)
  const [draft, setDraft] = useDraft(channelOf(name))

  const last = messages.at(-1)?.cursor
  useEffect(() => {
    if (last !== undefined) markRead(name, last)
  }, [name, last])

  const edit = (text: string): void => {
    setDraft(draft.trim() === '' ? text : `${text}\n${draft}`)
    field.current?.focus()
  }
  return (
    <div className="chat-columns">
      <aside className="rooms-side" aria-label="Rooms and people">
        <RoomList {...list} />
        <People people={people} self={person} />
      </aside>
      <section className="conversation" aria-label={`Room ${name}`}>
        <RoomHeader room={room} list={list} />
        <MessageList room={room} onEdit={edit} />
        <Announcer messages={messages} self={person.id} />
        <TroubleLine />
        {ended !== undefined && messages.length > 0 && <p className="trouble">{ended}</p>}
        <p className="typing" role="status">
          {typingText(room.typists)}
        </p>
        <Composer
          room={name}
          disabled={ended !== undefined}
          field={field}
          draft={draft}
          onDraft={(text) => {
            setDraft(text)
            room.note(text)
          }}
          onSend={room.unsent.say}
        />
      </section>
    </div>
  )
}

const RoomHeader = ({ room, list }: { room: Room; list: RoomListProps }): JSX.Element => {
  const { name, people, person } = room
  const [open, setOpen] = useState(false)
  const elsewhere = Object.entries(list.unread).some(([room, unread]) => room !== name && unread > 0)
  return (
    <header className="room-header">
      <h2 className="beside">
        <RoomName room={name} />
      </h2>
      <h2 className="narrow">
        <button type="button" className="room-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <RoomName room={name} />
          <span className="visually-hidden">. Rooms and people</span>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 6.5 4 4 4-4" />
          </svg>
          {elsewhere && <span className="unread-dot" />}
        </button>
      </h2>
      <p className="quiet">{countText(people.length)}</p>
      {open && (
        <Sheet title="Rooms" onClose={() => setOpen(false)}>
          <RoomList {...list} onGo={() => setOpen(false)} />
          <People people={people} self={person} />
        </Sheet>
      )}
    </header>
  )
}

const TroubleLine = (): JSX.Element => {
  const trouble = useConnection(troubleOf)
  return <div role="status">{trouble !== undefined && <p className="trouble">{trouble}</p>}</div>
}
