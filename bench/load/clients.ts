/** Every client of the load generator, by name. */
import {
  HOLDFAST_BACKLOG,
  HOLDFAST_SSE_BACKLOG,
  NCHAN_BACKLOG,
  NCHAN_SSE_BACKLOG,
  STREAM_BACKLOG,
  STREAM_SSE_BACKLOG,
} from './backlog-clients.ts'
import {
  BARE_POLL,
  NCHAN_POLL,
  SESSION_POLL,
  SESSION_REGULAR,
  SOCKET_IO_POLL,
  STREAM_POLL,
} from './polling-clients.ts'
import {
  BARE_SOCKET,
  ENGINE_IO,
  FAYE,
  HOLDFAST_HANDSHAKE,
  HOLDFAST_PUBLISHER,
  HOLDFAST_SOCKET,
  HOLDFAST_SSE,
  HOLDFAST_STREAM_SSE,
  NCHAN_SOCKET,
  NCHAN_SSE,
  SOCKET_IO,
  SOCKJS,
} from './socket-clients.ts'
import type { Client } from './wire.ts'

export const CLIENTS = {
  'bare poll': BARE_POLL,
  'stream poll': STREAM_POLL,
  'session poll': SESSION_POLL,
  'session regular': SESSION_REGULAR,
  'nchan poll': NCHAN_POLL,
  'socket.io poll': SOCKET_IO_POLL,
  'bare socket': BARE_SOCKET,
  'holdfast socket': HOLDFAST_SOCKET,
  'holdfast handshake': HOLDFAST_HANDSHAKE,
  'holdfast publisher': HOLDFAST_PUBLISHER,
  'holdfast sse': HOLDFAST_SSE,
  'stream sse': HOLDFAST_STREAM_SSE,
  'socket.io': SOCKET_IO,
  'engine.io': ENGINE_IO,
  sockjs: SOCKJS,
  faye: FAYE,
  'nchan socket': NCHAN_SOCKET,
  'nchan sse': NCHAN_SSE,
  'holdfast backlog': HOLDFAST_BACKLOG,
  'holdfast sse backlog': HOLDFAST_SSE_BACKLOG,
  'stream backlog': STREAM_BACKLOG,
  'stream sse backlog': STREAM_SSE_BACKLOG,
  'nchan backlog': NCHAN_BACKLOG,
  'nchan sse backlog': NCHAN_SSE_BACKLOG,
} satisfies Record<string, Client>

export type ClientName = keyof typeof CLIENTS
