/** Clients that come back: each reads all that a channel has kept, and is counted from its first byte on. */
import { field, get } from './http.ts'
import { polling } from './polling.ts'
import { handshake, sseSession, subscribing } from './socket-clients.ts'
import type { Client, Wire } from './wire.ts'

const backlog = (request: (wire: Wire) => string): Client => ({
  open: (wire) => {
    wire.ready()
    wire.send(request(wire))
  },
  opening: () => undefined,
})

export const HOLDFAST_BACKLOG: Client = backlog((wire) => subscribing(wire, '-1'))
export const HOLDFAST_SSE_BACKLOG: Client = backlog((wire) => sseSession(wire, '-1'))
export const STREAM_SSE_BACKLOG: Client = backlog(() => get('/v1/stream/bench?offset=-1&live=sse'))
export const NCHAN_BACKLOG: Client = backlog((wire) => handshake(wire, '/follow/bench'))
export const NCHAN_SSE_BACKLOG: Client = backlog(() => get('/follow/bench', 'Accept: text/event-stream\r\n'))

const END = 'up to date'

/** Page by page, as somebody does who polls. */
export const STREAM_BACKLOG: Client = polling({
  ask: ({ cursor }) => (cursor === END ? '' : get(`/v1/stream/bench?offset=${cursor || '-1'}`)),
  answered: (wire, answer) => {
    const ended = field(answer, 'stream-up-to-date') === 'true'
    wire.cursor = ended ? END : field(answer, 'stream-next-offset')
  },
})
