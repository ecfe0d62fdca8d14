/** What a transport is, in words: the part of the comparison that is not measured. The numbers beside it are. */
import type { TransportName } from '../client/index.ts'

export interface Traits {
  readonly title: string
  /** Connection type, in a few words and in a sentence. */
  readonly connection: string
  readonly connectionInFull: string
  /** Whether the server can speak first. */
  readonly push: string
  readonly pushInFull: string
  readonly use: string
}

/** In the order of the choice: the fastest first. */
export const TRAITS: Readonly<Record<TransportName, Traits>> = {
  websocket: {
    title: 'WebSocket',
    connection: 'one, both ways',
    connectionInFull: 'One TCP connection, upgraded from HTTP; frames in both directions at any time',
    push: 'yes',
    pushInFull: 'Yes, and the client sends on the same connection',
    use: 'Whenever the network lets it through: games, editors, chat, anything that also sends',
  },
  sse: {
    title: 'SSE',
    connection: 'one answer',
    connectionInFull: 'One HTTP answer that does not end; what a client sends goes in requests beside it',
    push: 'yes',
    pushInFull: 'Yes, in one direction',
    use: 'Where an upgrade is blocked and answers are not held back: feeds, scores, tickers',
  },
  'long-polling': {
    title: 'Long polling',
    connection: 'held requests',
    connectionInFull: 'An HTTP request that is held until there is something to say, then the next one',
    push: 'as an answer',
    pushInFull: 'As the answer to a request that waits',
    use: 'Where a proxy holds answers back until they end, and publications are rare',
  },
  polling: {
    title: 'Polling',
    connection: 'short requests',
    connectionInFull: 'HTTP requests at an interval, each answered at once',
    push: 'no',
    pushInFull: 'No: whatever is new waits for the next request',
    use: 'Where being late by the interval does not matter, or many publications share an answer',
  },
}
