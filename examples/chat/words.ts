/** What goes on, in words: why something was not accepted, what became of the connection, and who writes. */
import { type ClientState, PublishError, RefusedError, type SubscriptionEnd } from 'holdfast'
import type { Person } from './person.ts'

const REASONS: Readonly<Record<string, string>> = {
  too_large: 'It is too long for this room. Shorten it, or send it in parts.',
  forbidden: 'You may not write in this room. Ask whoever runs it.',
  closed: 'This room was closed: it can be read, and nothing more can be said in it.',
  deleted: 'This room was deleted.',
  outbox_full: 'Too many messages wait to be sent already. Try again when the connection is back.',
  in_doubt: 'It may have been sent: the answer was lost. Look for it above before you try again.',
  client_closed: 'The connection was ended. Reload the page and try again.',
}

/** Why something was not accepted, for the person who tried. */
export const reasonOf = (error: unknown): string => {
  const code = error instanceof PublishError || error instanceof RefusedError ? error.code : ''
  return REASONS[code] ?? (error instanceof Error ? `${error.message}.` : 'It was not accepted.')
}

/** Why nothing more will come from a room; undefined while something may. */
export const endOf = (end: SubscriptionEnd | undefined): string | undefined => {
  if (end === undefined || end.why === 'unsubscribed') return undefined
  if (end.why !== 'refused') return REASONS[end.why]
  const unreadable = end.error instanceof RefusedError && end.error.code === 'forbidden'
  return unreadable ? 'You may not read this room. Ask whoever runs it.' : reasonOf(end.error)
}

const KEPT = 'What you write is kept, and sent when the connection is back.'

/** What keeps messages from flowing, and what a person can do; undefined when they flow. */
export const troubleOf = ({ status, error, counts }: ClientState): string | undefined => {
  if (status === 'waiting') return `No connection to the node. ${KEPT}`
  if (status === 'offline') return `You are offline. ${KEPT}`
  if (status === 'closed')
    return `The node refused: ${error?.message ?? status}. Reload the page to try again.`
  // The first attempt is no trouble yet.
  const again = status === 'connecting' && (error !== undefined || counts.delivered > 0)
  return again ? `Reconnecting. ${KEPT}` : undefined
}

/** Of many who write, how many. */
export const typingText = (people: readonly Person[]): string => {
  if (people.length > 2) return `${people.length} people are writing …`
  const names = people.map(({ name }) => name).join(' and ')
  return names && `${names} ${people.length === 1 ? 'is' : 'are'} writing …`
}

/** Nobody is in a room that is not open yet: whoever looks at it is there. */
export const countText = (people: number): string =>
  people === 0 ? 'opening …' : people === 1 ? '1 person here' : `${people} people here`
