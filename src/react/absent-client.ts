/**
 * Stands for the client while views are rendered on a server, and before they have one: it has the state of a client
 * that has not begun. Whoever wants something of it is told that it is not there.
 */
import type { Channel, Client, ClientState } from '../client/index.ts'

/** Also what a page is hydrated with, so that it is the same on both sides whatever its client does meanwhile. */
export const NOT_BEGUN: ClientState = {
  status: 'connecting',
  error: undefined,
  transport: 'websocket',
  wanted: 'auto',
  why: { code: 'first_choice', text: 'first choice' },
  latency: { last: null, p50: null, p99: null },
  counts: { delivered: 0, lost: 0, duplicated: 0, gaps: 0, repairs: 0, switches: 0 },
  outbox: 0,
  offsetMs: 0,
  member: undefined,
}

const missing = (): never => {
  throw new Error('the <HoldfastProvider> has no client yet: it has one only in the browser')
}

const channel = (name: string): Channel<never> => ({
  name,
  presence: { members: new Map(), on: missing, enter: missing, leave: missing, close: missing },
  subscribe: missing,
  publish: missing,
  remove: missing,
  history: missing,
  trim: missing,
})

export const ABSENT: Client = {
  state: NOT_BEGUN,
  on: missing,
  channel,
  call: missing,
  use: missing,
  close: () => undefined,
}
