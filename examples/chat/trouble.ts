/** What keeps messages from flowing, in words: what a person should know of the connection, and what they can do. */
import type { ClientState } from 'holdfast'

/** Undefined when they flow. */
export const troubleOf = ({ status, error, counts }: ClientState): string | undefined => {
  switch (status) {
    case 'connected':
      return undefined
    case 'connecting':
      // The first attempt is no trouble yet.
      return error === undefined && counts.delivered === 0
        ? undefined
        : 'Reconnecting. What you write is kept, and sent when the connection is back.'
    case 'waiting':
      return 'No connection to the node. What you write is kept, and sent when the connection is back.'
    case 'offline':
      return 'You are offline. What you write is kept, and sent when the network is back.'
    case 'closed':
      return `The node refused the connection${error === undefined ? '' : `: ${error.message}`}. Reload the page to try again.`
  }
}
