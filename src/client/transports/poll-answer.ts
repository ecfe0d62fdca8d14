/**
 * A poll's answer, event by event. Where each channel stands at its end is one more range that the gate judges:
 * it starts where the last event of the channel ended.
 */
import { type Cursor, parseCursor } from '../../channel/index.ts'
import type { ServerEvent, SessionAnswer } from '../../protocol/index.ts'
import type { SubscribeFields } from '../feed.ts'
import type { TransportHost } from './transport.ts'

/** True when something is missing: ask again at once. */
export const deliverAnswer = (
  host: TransportHost,
  asked: Readonly<Record<string, SubscribeFields>>,
  answer: SessionAnswer,
): boolean => {
  const reached = new Map<string, Cursor>()
  for (const [channel, { from }] of Object.entries(asked)) reach(reached, channel, parseCursor(from))
  let hole = false
  for (const event of answer.events) hole = deliverEvent(host, reached, event) || hole
  for (const [channel, text] of Object.entries(answer.cursors)) {
    const at = reached.get(channel)
    const end = parseCursor(text)
    if (at === undefined || end === undefined || at.epoch !== end.epoch || end.offset <= at.offset) continue
    hole = host.event({ type: 'advance', channel, from: at.offset, cursor: text }) || hole
  }
  return hole
}

const deliverEvent = (host: TransportHost, reached: Map<string, Cursor>, event: ServerEvent): boolean => {
  switch (event.type) {
    case 'reply':
      return false
    case 'auth':
    case 'drain':
    case 'bye':
      host.notice(event)
      return false
    case 'publication':
      reach(reached, event.channel, event)
      break
    case 'subscribed':
    case 'gap':
    case 'advance':
      reach(reached, event.channel, parseCursor(event.cursor))
  }
  return host.event(event)
}

const reach = (reached: Map<string, Cursor>, channel: string, cursor: Cursor | undefined): void => {
  if (cursor !== undefined) reached.set(channel, cursor)
}
