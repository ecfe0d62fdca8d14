/** Why something was not accepted, for the person who tried, and what they can do about it. */
import { PublishError, RefusedError, type SubscriptionEnd } from 'holdfast'

const REASONS: Readonly<Record<string, string>> = {
  too_large: 'It is too long for this room. Shorten it, or send it in parts.',
  forbidden: 'You may not write in this room. Ask whoever runs it.',
  closed: 'This room was closed: it can be read, and nothing more can be said in it.',
  deleted: 'This room was deleted.',
  not_found: 'There is no such room on this node.',
  outbox_full: 'Too many messages wait to be sent already. Try again when the connection is back.',
  in_doubt: 'It may have been sent: the answer was lost. Look for it above before you try again.',
  client_closed: 'The connection was ended. Reload the page and try again.',
}

export const reasonOf = (error: unknown): string => {
  const code = error instanceof PublishError || error instanceof RefusedError ? error.code : undefined
  const known = code === undefined ? undefined : REASONS[code]
  if (known !== undefined) return known
  return error instanceof Error ? `${error.message}.` : 'It was not accepted.'
}

/** Why nothing more will come from a room; undefined while something may. */
export const endOf = (end: SubscriptionEnd | undefined): string | undefined => {
  switch (end?.why) {
    case undefined:
    case 'unsubscribed':
      return undefined
    case 'closed':
    case 'deleted':
      return REASONS[end.why]
    case 'refused':
      return end.error instanceof RefusedError && end.error.code === 'forbidden'
        ? 'You may not read this room. Ask whoever runs it.'
        : reasonOf(end.error)
  }
}
