/**
 * A poll's answer, event by event. Where each channel stands at its end is one more range that the gate judges:
 * it starts where the last event of the channel ended.
 */
import { formatCursor, parseCursor } from '../../channel/index.ts'
import type { SessionAnswer } from '../../protocol/index.ts'
import type { SubscribeFields } from '../feed.ts'
import type { TransportHost } from './transport.ts'

/** True when something is missing: ask again at once. */
export const deliverAnswer = (
  host: TransportHost,
  asked: ReadonlyMap<string, SubscribeFields>,
  { events, cursors }: SessionAnswer,
): boolean => {
  const ends = new Map<string, string>()
  for (const [channel, { from }] of asked) ends.set(channel, from)
  let hole = false
  for (const event of events) {
    if (event.type === 'publication') ends.set(event.channel, formatCursor(event))
    else if ('cursor' in event) ends.set(event.channel, event.cursor)
    if (event.type === 'auth' || event.type === 'drain') host.notice(event)
    else if ('channel' in event) hole = host.event(event) || hole
  }
  for (const [channel, cursor] of Object.entries(cursors)) {
    const at = parseCursor(ends.get(channel) ?? '')
    // What is no further on, the gate takes for a duplicate; and another life of the log is told by a gap.
    if (at && cursor.startsWith(at.epoch))
      hole = host.event({ type: 'advance', channel, from: at.offset, cursor }) || hole
  }
  return hole
}
