/** Every client of the load generator, by name. */
import {
  BARE_POLL,
  BARE_POST,
  NCHAN_POLL,
  SESSION_POLL,
  SESSION_REGULAR,
  STREAM_POLL,
} from './http-clients.ts'
import type { Client } from './wire.ts'

export const CLIENTS = {
  'bare poll': BARE_POLL,
  'bare post': BARE_POST,
  'stream poll': STREAM_POLL,
  'session poll': SESSION_POLL,
  'session regular': SESSION_REGULAR,
  'nchan poll': NCHAN_POLL,
} satisfies Record<string, Client>

export type ClientName = keyof typeof CLIENTS
