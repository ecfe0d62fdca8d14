/** Where the person is: the fragment of the address, `#/chat/<room>`. Rooms can be linked to and gone back to. */
import { useSyncExternalStore } from 'react'

export const FIRST_ROOM = 'lobby'

export const roomHref = (room: string): string => `#/chat/${encodeURIComponent(room)}`

const roomOf = (fragment: string): string => {
  const [page, name] = fragment.replace(/^#\/?/, '').split('/')
  if (page !== 'chat' || name === undefined || name === '') return FIRST_ROOM
  try {
    return decodeURIComponent(name)
  } catch {
    return FIRST_ROOM
  }
}

export const goToRoom = (room: string): void => {
  location.hash = roomHref(room)
}

/** The room that is shown. */
export const useRoomName = (): string =>
  useSyncExternalStore(
    (listener) => {
      addEventListener('hashchange', listener)
      return () => removeEventListener('hashchange', listener)
    },
    () => roomOf(location.hash),
  )
