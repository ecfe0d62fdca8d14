/** The servers that are measured beside each other, and the groups that can do the same work. */
import type { ClientName } from './load/clients.ts'
import type { Subject } from './workload.ts'

export const node = (name: string, server: string, client: ClientName): Subject => ({
  name,
  server,
  runtime: 'node',
  client,
})

export const WS: Subject = node('ws', 'ws', 'bare socket')
export const HOLDFAST: Subject = node('Holdfast', 'holdfast', 'holdfast socket')
/** The library alone, without channels. */
export const HOLDFAST_WEBSOCKET: Subject = node('Holdfast WebSocket', 'holdfast-websocket', 'bare socket')
export const UWS: Subject = {
  name: 'uWebSockets',
  server: 'uwebsockets',
  runtime: 'node20',
  client: 'bare socket',
}
export const BUN: Subject = { name: 'Bun', server: 'bun', runtime: 'bun', client: 'bare socket' }
const KERNEL: Subject = { name: 'kernel', server: 'kernel', runtime: 'python', client: 'bare socket' }
export const NCHAN: Subject = node('nchan', 'nchan', 'nchan socket')
export const SOCKET_IO: Subject = node('Socket.IO', 'socket-io', 'socket.io')
const ENGINE_IO = node('engine.io', 'engine-io', 'engine.io')
const SOCKJS = node('SockJS', 'sockjs', 'sockjs')
const FAYE = node('Faye', 'faye', 'faye')

/** Everyone who speaks WebSocket. */
export const SOCKETS: readonly Subject[] = [
  WS,
  HOLDFAST,
  UWS,
  BUN,
  HOLDFAST_WEBSOCKET,
  NCHAN,
  SOCKET_IO,
  ENGINE_IO,
  SOCKJS,
  FAYE,
  KERNEL,
]
/** Those with which a long look is worth the time. */
export const FAST: readonly Subject[] = [WS, HOLDFAST, UWS, BUN, NCHAN, SOCKET_IO]
export const FASTEST: readonly Subject[] = [WS, HOLDFAST, UWS, BUN]
export const ECHOES: readonly Subject[] = [WS, HOLDFAST_WEBSOCKET, UWS, BUN]

export const POLLS: readonly Subject[] = [
  node('node:http', 'node-http', 'bare poll'),
  node('Holdfast GET', 'holdfast', 'stream poll'),
  node('Holdfast session POST', 'holdfast', 'session poll'),
  node('nchan', 'nchan', 'nchan poll'),
  node('Socket.IO', 'socket-io', 'socket.io poll'),
]

export const SSE: readonly Subject[] = [
  node('nchan', 'nchan', 'nchan sse'),
  node('Holdfast session SSE', 'holdfast', 'holdfast sse'),
  node('Holdfast stream SSE', 'holdfast', 'stream sse'),
]

export const REGULAR: readonly Subject[] = [node('Holdfast regular', 'holdfast', 'session regular')]

/** Who keeps what was published, and gives it to whoever asks. */
export const LOGS: readonly Subject[] = [
  node('nchan WebSocket', 'nchan', 'nchan backlog'),
  node('Holdfast WebSocket', 'holdfast', 'holdfast backlog'),
  node('Holdfast session SSE', 'holdfast', 'holdfast sse backlog'),
  node('Holdfast stream GET', 'holdfast', 'stream backlog'),
  node('Holdfast stream SSE', 'holdfast', 'stream sse backlog'),
  node('nchan SSE', 'nchan', 'nchan sse backlog'),
]

export const PUBLISHERS: readonly Subject[] = [SOCKET_IO, node('Holdfast', 'holdfast', 'holdfast publisher')]

export const SHAKERS: readonly Subject[] = [
  WS,
  node('Holdfast', 'holdfast', 'holdfast handshake'),
  UWS,
  BUN,
  NCHAN,
  SOCKET_IO,
]
