/** The chat: rooms and people on one side, the messages, and on the other side how they are delivered. */
import { type JSX, useEffect, useRef, useState } from 'react'
import { useConnection } from 'holdfast/react'
import { troubleOf } from '../connection/health.ts'
import { TrafficControl } from '../connection/traffic-control.tsx'
import { MEDIUM, useMedia } from '../page/media.ts'
import type { PageProps } from '../page/pages.ts'
import { Sheet } from '../page/sheet.tsx'
import { UseCase } from '../page/use-case.tsx'
import { type Person, usePerson } from '../person/person.ts'
import { Announcer } from './announcer.tsx'
import { Composer, useDraft } from './composer.tsx'
import { MessageList } from './message-list.tsx'
import { People } from './people.tsx'
import { RoomList } from './room-list.tsx'
import type { Room, RoomState } from './room.ts'
import { FIRST_ROOM, useRoom, useRoomState, useUnreadElsewhere } from './rooms.ts'
import './chat.css'

export const View = ({ rest: [name = FIRST_ROOM] }: PageProps): JSX.Element => {
  const room = useRoom(name)
  const state = useRoomState(room)
  const self = usePerson()
  const medium = useMedia(MEDIUM)
  useEffect(() => {
    document.title = `${name} · Holdfast`
  }, [name])
  return (
    <UseCase
      title="Chat"
      summary="Rooms, history, and who is here. What is written offline is sent later."
      panel={<TrafficControl room={room} />}
    >
      <div className="chat">
        {medium && (
          <aside className="rooms-side" aria-label="Rooms and people">
            <RoomList current={name} />
            <People people={state.people} self={self} />
          </aside>
        )}
        <section className="conversation" aria-label={`Room ${name}`}>
          <RoomHeader room={room} state={state} self={self} narrow={!medium} />
          <Conversation key={name} room={room} state={state} self={self} />
        </section>
      </div>
    </UseCase>
  )
}

interface RoomProps {
  readonly room: Room
  readonly state: RoomState
  readonly self: Person
}

const RoomHeader = ({ room, state, self, narrow }: RoomProps & { narrow: boolean }): JSX.Element => {
  const [open, setOpen] = useState(false)
  const count = state.people.length
  const here = count === 0 ? 'opening …' : count === 1 ? '1 person here' : `${count} people here`
  const elsewhere = useUnreadElsewhere(room.name)
  return (
    <header className="room-header">
      <h2>
        {narrow ? (
          <button type="button" className="room-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
            <RoomTitle name={room.name} />
            <span className="visually-hidden">. Rooms and people</span>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="m4 6.5 4 4 4-4" />
            </svg>
            {elsewhere && <span className="unread-dot" />}
          </button>
        ) : (
          <RoomTitle name={room.name} />
        )}
      </h2>
      <p className="quiet">{here}</p>
      {open && (
        <Sheet title="Rooms" side="start" onClose={() => setOpen(false)}>
          <RoomList current={room.name} onGo={() => setOpen(false)} />
          <People people={state.people} self={self} />
        </Sheet>
      )}
    </header>
  )
}

const RoomTitle = ({ name }: { name: string }): JSX.Element => (
  <span className="room-title">
    <span className="hash" aria-hidden="true">
      #
    </span>
    {name}
  </span>
)

const Conversation = ({ room, state, self }: RoomProps): JSX.Element => {
  const field = useRef<HTMLTextAreaElement>(null)
  const [draft, setDraft] = useDraft(room.name)
  const edit = (text: string): void => {
    setDraft(draft.trim() === '' ? text : `${text}\n${draft}`)
    field.current?.focus()
  }
  return (
    <>
      <MessageList room={room} state={state} self={self} onEdit={edit} />
      <Announcer room={room} self={self} />
      <TroubleLine />
      {state.ended !== undefined && state.items.length > 0 && <p className="trouble">{state.ended}</p>}
      <Composer
        room={room.name}
        disabled={state.ended !== undefined}
        field={field}
        draft={draft}
        onDraft={setDraft}
        onSend={(text) => room.say(self, text)}
      />
    </>
  )
}

const TroubleLine = (): JSX.Element => {
  const trouble = troubleOf(useConnection())
  return (
    <div role="status">
      {trouble !== undefined && (
        <p className="trouble">
          <strong>{trouble.title}.</strong> {trouble.advice}
        </p>
      )}
    </div>
  )
}
