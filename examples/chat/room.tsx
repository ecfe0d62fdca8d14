/** One room: who is in it, what has been said, and where one writes. */
import { type JSX, useEffect, useMemo, useRef, useState } from 'react'
import { useConnection, useLog, usePresence } from 'holdfast/react'
import { Announcer } from './announcer.tsx'
import { Composer, useDraft } from './composer.tsx'
import { Drawer } from './drawer.tsx'
import { MessageList } from './message-list.tsx'
import { messageOf } from './message.ts'
import { People } from './people.tsx'
import { peopleOf, type Person, typistsOf } from './person.ts'
import { endOf } from './refusal.ts'
import { RoomList, type RoomListProps, RoomName } from './room-list.tsx'
import { channelOf } from './room-names.ts'
import { troubleOf } from './trouble.ts'
import { typingText, useTyping } from './typing.ts'
import { markRead } from './unread.tsx'
import { useUnsent } from './unsent.ts'

export interface RoomProps {
  readonly name: string
  readonly person: Person
  readonly list: RoomListProps
}

/** Older messages are let go of; they can be loaded again. */
const MOST_MESSAGES = 2_000

export const Room = ({ name, person, list }: RoomProps): JSX.Element => {
  const channel = channelOf(name)
  const log = useLog(channel, { limit: MOST_MESSAGES })
  const messages = useMemo(() => log.publications.map((each) => messageOf(each)), [log.publications])
  const { typing, note } = useTyping()
  const members = usePresence(channel, { ...person, typing })
  const people = useMemo(() => peopleOf(members.values()), [members])
  const typists = typistsOf(members.values(), person)
  const unsent = useUnsent(channel, person, messages)
  const field = useRef<HTMLTextAreaElement>(null)
  const [draft, setDraft] = useDraft(channel)

  const last = messages.at(-1)?.cursor
  useEffect(() => {
    if (last !== undefined) markRead(name, last)
  }, [name, last])

  const edit = (text: string): void => {
    setDraft(draft.trim() === '' ? text : `${text}\n${draft}`)
    field.current?.focus()
  }
  const ended = endOf(log.ended)
  return (
    <div className="chat-columns">
      <aside className="rooms-side" aria-label="Rooms and people">
        <RoomList {...list} />
        <People people={people} self={person} />
      </aside>
      <section className="conversation" aria-label={`Room ${name}`}>
        <RoomHeader name={name} people={people} person={person} list={list} />
        <MessageList
          room={name}
          log={log}
          messages={messages}
          unsent={unsent}
          person={person}
          ended={ended}
          onEdit={edit}
        />
        <Announcer messages={messages} self={person.id} />
        <TroubleLine />
        {ended !== undefined && messages.length > 0 && <p className="trouble">{ended}</p>}
        <p className="typing" role="status">
          {typingText(typists.map((each) => each.name))}
        </p>
        <Composer
          room={name}
          disabled={ended !== undefined}
          field={field}
          draft={draft}
          onDraft={(text) => {
            setDraft(text)
            note(text)
          }}
          onSend={unsent.say}
        />
      </section>
    </div>
  )
}

interface RoomHeaderProps extends RoomProps {
  readonly people: readonly Person[]
}

const RoomHeader = ({ name, people, person, list }: RoomHeaderProps): JSX.Element => {
  const [open, setOpen] = useState(false)
  const count = people.length
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
      <p className="quiet">
        {count === 0 ? 'opening …' : count === 1 ? '1 person here' : `${count} people here`}
      </p>
      {open && (
        <Drawer title="Rooms" onClose={() => setOpen(false)}>
          <RoomList {...list} onGo={() => setOpen(false)} />
          <People people={people} self={person} />
        </Drawer>
      )}
    </header>
  )
}

const TroubleLine = (): JSX.Element => {
  const trouble = useConnection(troubleOf)
  return <div role="status">{trouble !== undefined && <p className="trouble">{trouble}</p>}</div>
}
