/**
 * A poll's answer, event by event. Where a channel stands at its end is one more range that the gate judges: all
 * that there was to deliver after the place that was asked for has just been delivered.
 */
import { parseCursor } from '../../channel/index.ts'
import type { SessionAnswer } from '../../protocol/index.ts'
import type { SubscribeFields } from '../feed.ts'
import type { TransportHost } from './transport.ts'

/** True when something is missing: ask again at once. */
export const deliverAnswer = (
  host: TransportHost,
  asked: ReadonlyMap<string, SubscribeFields | undefined>,
  { events, cursors }: SessionAnswer,
): boolean => {
  let hole = false
  for (const event of events) {
    if (event.type === 'auth' || event.type === 'drain') host.notice(event)
    else if ('channel' in event) hole = host.event(event) || hole
  }
  for (const [channel, fields] of hole ? [] : asked) {
    const at = parseCursor(fields?.from ?? '')
    const cursor = cursors[channel]
    // Another life of the log is told by a gap, never by an advance.
    if (at && cursor?.startsWith(at.epoch))
      hole = host.event({ type: 'advance', channel, from: at.offset, cursor }) || hole
  }
  return hole
}
