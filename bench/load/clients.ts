/** Every client of the load generator, by name. */
import {
  BARE_POLL,
  BARE_POST,
  NCHAN_POLL,
  SESSION_POLL,
  SESSION_REGULAR,
  STREAM_POLL,
} from './http-clients.ts'
import {
  BARE_SOCKET,
  ENGINE_IO,
  FAYE,
  HOLDFAST_HANDSHAKE,
  HOLDFAST_PUBLISHER,
  HOLDFAST_SOCKET,
  HOLDFAST_SSE,
  NCHAN_SOCKET,
  SOCKET_IO,
  SOCKJS,
} from './socket-clients.ts'
import type { Client } from './wire.ts'

export const CLIENTS = {
  'bare poll': BARE_POLL,
  'bare post': BARE_POST,
  'stream poll': STREAM_POLL,
  'session poll': SESSION_POLL,
  'session regular': SESSION_REGULAR,
  'nchan poll': NCHAN_POLL,
  'bare socket': BARE_SOCKET,
  'holdfast socket': HOLDFAST_SOCKET,
  'holdfast handshake': HOLDFAST_HANDSHAKE,
  'holdfast publisher': HOLDFAST_PUBLISHER,
  'holdfast sse': HOLDFAST_SSE,
  'socket.io': SOCKET_IO,
  'engine.io': ENGINE_IO,
  sockjs: SOCKJS,
  faye: FAYE,
  'nchan socket': NCHAN_SOCKET,
} satisfies Record<string, Client>

export type ClientName = keyof typeof CLIENTS
