/** The rooms that a person has in their list, kept in this browser, and what a room's name may be. */
import { useState } from 'react'
import { ROOMS } from '../../../examples/chat/room.ts'
import { recallJson, remember } from '../page/storage.ts'

const DEFAULTS: readonly string[] = ROOMS
const KEY = 'holdfast.rooms'
const MOST_ROOMS = 20
const MOST_CHARACTERS = 40

/** Lower case, words joined by hyphens: as an address can carry it, and as one part of a channel's name. */
export const tidyRoomName = (text: string): string => {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu, '-')
    .replace(/^-/, '')
  return Array.from(words).slice(0, MOST_CHARACTERS).join('').replace(/-$/, '')
}

const recallRooms = (): string[] => {
  const kept = recallJson(KEY)
  const names = Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string') : []
  return names.filter((name) => name !== '' && tidyRoomName(name) === name && !DEFAULTS.includes(name))
}

/** The list with this room in it; the oldest that was made here goes when there are too many. */
export const useRooms = (room: string): readonly string[] => {
  const [own, setOwn] = useState(recallRooms)
  if (!DEFAULTS.includes(room) && !own.includes(room)) {
    const next = [...own, room].slice(-MOST_ROOMS)
    remember(KEY, JSON.stringify(next))
    setOwn(next)
  }
  return [...DEFAULTS, ...own]
}
