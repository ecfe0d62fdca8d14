/** Which of the items are listed: by what they are, and by their direction. */
import { isControlOpcode } from 'holdfast/websocket/frames'
import type { Item } from './items.ts'

export interface Filter {
  /** Frames with data, events and exchanges; or pings, pongs, Close frames, comments, and connections' ends. */
  readonly what: 'all' | 'data' | 'control'
  readonly direction: 'both' | 'up' | 'down'
}

export const SHOW_ALL: Filter = { what: 'all', direction: 'both' }

const isControl = (item: Item): boolean => {
  if (item.kind === 'frame') return isControlOpcode(item.frame.opcode)
  if (item.kind === 'event') return item.comment
  if (item.kind === 'exchange') return item.purpose === 'handshake' || item.purpose === 'preflight'
  return true
}

/** An exchange goes both ways. */
const directionOf = (item: Item): Filter['direction'] => {
  if (item.kind === 'frame') return item.direction
  return item.kind === 'event' ? 'down' : 'both'
}

export const shownItems = (items: readonly Item[], { what, direction }: Filter): readonly Item[] =>
  items.filter((item) => {
    if (what !== 'all' && isControl(item) !== (what === 'control')) return false
    const way = directionOf(item)
    return direction === 'both' || way === 'both' || way === direction
  })
