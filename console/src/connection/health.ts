/** The connection in words: what a person should know of it, and what they can do. */
import type { ClientState } from 'holdfast'

export interface Trouble {
  readonly title: string
  readonly advice: string
}

/** What keeps messages from flowing; undefined when they flow. */
export const troubleOf = ({ status, error, counts }: ClientState): Trouble | undefined => {
  switch (status) {
    case 'connected':
      return undefined
    case 'connecting':
      // The first attempt is no trouble yet.
      return error === undefined && counts.delivered === 0
        ? undefined
        : { title: 'Reconnecting', advice: 'What you write is kept, and sent when the connection is back.' }
    case 'waiting':
      return {
        title: 'No connection to the node',
        advice: 'What you write is kept, and sent when the connection is back.',
      }
    case 'offline':
      return {
        title: 'You are offline',
        advice: 'What you write is kept, and sent when the network is back.',
      }
    case 'closed':
      return {
        title: 'The node refused the connection',
        advice: `${error === undefined ? '' : `It said: ${error.message}. `}Reload the page to try again.`,
      }
  }
}
