/** Counts what others say in a room that is not shown, from where it was read last: a cursor is all that takes. */
import { useEffect, useMemo, useState } from 'react'
import { useLog } from 'holdfast/react'
import { messageOf } from '../../../examples/chat/message.ts'
import { channelOf } from '../../../examples/chat/room.ts'
import { recall, remember } from '../page/storage.ts'

/** More than this are "many". */
export const MANY = 99

const keyOf = (room: string): string => `holdfast.read.${room}`

export const markRead = (room: string, cursor: string): void => remember(keyOf(room), cursor)

export interface UnreadCounterProps {
  readonly room: string
  readonly self: string
  readonly onCount: (room: string, unread: number) => void
}

/** Shows nothing. In a room that was never looked at, what counts is what comes from now on. */
export const UnreadCounter = ({ room, self, onCount }: UnreadCounterProps): null => {
  const [from] = useState(() => recall(keyOf(room)) ?? 'now')
  const { publications } = useLog(channelOf(room), { from, limit: MANY + 1 })
  const unread = useMemo(
    () => publications.filter((each) => messageOf(each).author.id !== self).length,
    [publications, self],
  )
  useEffect(() => onCount(room, unread), [onCount, room, unread])
  return null
}
