/**
 * A chat: rooms, and the one that is shown with its messages and people. Rooms are channels, `chat/<room>`; who is there
 * and who writes is their presence. It lives under a <HoldfastProvider>, and fills the box that it is put into.
 */
import { type JSX, useCallback, useState, useSyncExternalStore } from 'react'
import type { Person } from './person.ts'
import { FIRST_ROOM, tidyRoomName, useRooms } from './room-names.ts'
import { Room } from './room.tsx'
import { UnreadCounter } from './unread.tsx'
import './chat.css'

export interface ChatProps {
  /** Who sits here. */
  readonly person: Person
  /** The room that is shown, and the addresses of rooms, where the page around it has its own. */
  readonly room?: string | undefined
  readonly hrefOf?: (room: string) => string
}

export const Chat = ({
  person,
  room,
  hrefOf = (name) => `#${encodeURIComponent(name)}`,
}: ChatProps): JSX.Element => {
  const fragment = useFragment()
  const current = tidyRoomName(room ?? fragment) || FIRST_ROOM
  const rooms = useRooms(current)
  const [unread, setUnread] = useState<Readonly<Record<string, number>>>({})
  const count = useCallback(
    (name: string, unread: number) => setUnread((before) => ({ ...before, [name]: unread })),
    [],
  )
  return (
    <div className="chat">
      <Room key={current} name={current} person={person} list={{ rooms, current, unread, hrefOf }} />
      {rooms.map(
        (each) =>
          each !== current && <UnreadCounter key={each} room={each} self={person.id} onCount={count} />,
      )}
    </div>
  )
}

const listen = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** What follows the # in the address. */
const useFragment = (): string => {
  const fragment = useSyncExternalStore(
    listen,
    () => location.hash,
    () => '',
  )
  try {
    return decodeURIComponent(fragment.slice(1))
  } catch {
    return ''
  }
}
