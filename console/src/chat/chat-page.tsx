/**
 * The chat, and simulated traffic beside it, so that a change of transport can be watched losing nothing. The example
 * brings rooms, history, people, typing and unsent messages; this page adds rooms of one's own with what is unread in
 * them, turns and days, drafts, a sheet for phones, and an announcer for who listens.
 */
import { type JSX, useCallback, useEffect, useState } from 'react'
import type { Person } from '../../../examples/chat/person.ts'
import { ROOMS } from '../../../examples/chat/room.ts'
import { TrafficControl } from '../connection/traffic-control.tsx'
import type { PageProps } from '../page/pages.ts'
import { hrefOf } from '../page/route.ts'
import { UseCase } from '../page/use-case.tsx'
import { usePerson } from '../person/person.ts'
import { tidyRoomName, useRooms } from './room-names.ts'
import { RoomView } from './room-view.tsx'
import { UnreadCounter } from './unread.tsx'
import '../../../examples/chat/chat.css'
import './chat-page.css'

export const View = ({ rest: [room = ROOMS[0]] }: PageProps): JSX.Element => {
  const person = usePerson()
  useEffect(() => {
    document.title = `${room} · Chat · Holdfast`
  }, [room])
  return (
    <UseCase
      title="Chat"
      summary="Rooms, history, and who is here. What is written offline is sent later."
      panel={<TrafficControl />}
    >
      <Chat person={person} current={tidyRoomName(room) || ROOMS[0]} />
    </UseCase>
  )
}

const addressOf = (room: string): string => hrefOf('chat', room)

const Chat = ({ person, current }: { person: Person; current: string }): JSX.Element => {
  const rooms = useRooms(current)
  const [unread, setUnread] = useState<Readonly<Record<string, number>>>({})
  const count = useCallback(
    (name: string, unread: number) => setUnread((before) => ({ ...before, [name]: unread })),
    [],
  )
  return (
    <div className="chat chat-page">
      <RoomView
        key={current}
        name={current}
        person={person}
        list={{ rooms, current, unread, hrefOf: addressOf }}
      />
      {rooms.map(
        (each) =>
          each !== current && <UnreadCounter key={each} room={each} self={person.id} onCount={count} />,
      )}
    </div>
  )
}
