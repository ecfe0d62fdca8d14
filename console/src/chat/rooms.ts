/** The rooms that are listed, and the one that is shown. Listed rooms are followed, so that unread ones can say so. */
import { useEffect, useSyncExternalStore } from 'react'
import { client } from '../connection/client.ts'
import { recallJson, remember } from '../page/storage.ts'
import { usePerson } from '../person/person.ts'
import { Room, type RoomState } from './room.ts'

export const FIRST_ROOM = 'lobby'

const DEFAULTS: readonly string[] = [FIRST_ROOM, 'design', 'deploys']
const KEY = 'holdfast.rooms'
const MOST_ROOMS = 20

const rooms = new Map<string, Room>()
const listeners = new Set<() => void>()

const made = (): string[] => {
  const kept = recallJson(KEY)
  return Array.isArray(kept)
    ? kept.filter((name) => typeof name === 'string' && !DEFAULTS.includes(name))
    : []
}

let names: readonly string[] = [...DEFAULTS, ...made()]

/** The room of this name; it is followed from now on. */
export const roomNamed = (name: string): Room => {
  let room = rooms.get(name)
  if (room === undefined) rooms.set(name, (room = new Room(client, name)))
  return room
}

/** A name as an address can carry it: lower case, words joined by hyphens. */
export const tidyRoomName = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)

/** Lists a room; the oldest that was made here goes when there are too many. */
const list = (name: string): void => {
  if (names.includes(name)) return
  const own = [...names.filter((each) => !DEFAULTS.includes(each)), name].slice(-MOST_ROOMS)
  names = [...DEFAULTS, ...own]
  remember(KEY, JSON.stringify(own))
  for (const listener of listeners) listener()
}

export const useRoomNames = (): readonly string[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => names,
  )

export const useRoomState = (room: Room): RoomState =>
  useSyncExternalStore(
    (listener) => room.listen(listener),
    () => room.state,
  )

/** Whether a room other than this one has something unread. */
export const useUnreadElsewhere = (name: string): boolean => {
  const others = useRoomNames().filter((each) => each !== name)
  return useSyncExternalStore(
    (listener) => {
      const ends = others.map((each) => roomNamed(each).listen(listener))
      return () => ends.forEach((end) => end())
    },
    () => others.some((each) => roomNamed(each).state.unread > 0),
  )
}

/** The person is in the room as long as it is shown. */
export const useRoom = (name: string): Room => {
  const room = roomNamed(name)
  const person = usePerson()
  useEffect(() => list(name), [name])
  useEffect(() => {
    room.show(true)
    const leave = (): void => room.leave()
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      room.show(false)
      room.leave()
    }
  }, [room])
  useEffect(() => {
    room.enter(person)
    // The browser may bring a hidden page back to life.
    const enter = (event: PageTransitionEvent): void => {
      if (event.persisted) room.enter(person)
    }
    addEventListener('pageshow', enter)
    return () => removeEventListener('pageshow', enter)
  }, [room, person])
  return room
}
