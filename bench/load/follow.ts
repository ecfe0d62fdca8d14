/** How a raw socket follows the channel over each transport. */
import type { Socket } from 'node:net'
import { countFrames, countPublications, type Follow, HANDSHAKE, textFrame } from './client.ts'

const SUBPROTOCOL = 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n'

/** The peer's: a handshake, and every frame counts. */
export const bareWebSocket: Follow = (socket, counted, ready) => {
  let open = false
  const count = countFrames(counted)
  socket.on('data', (chunk: Buffer) => {
    if (open) return count(chunk)
    open = true
    ready()
  })
  socket.write(HANDSHAKE(''))
}

/** What is pushed after `request` counts from the moment that the subscription stands. */
const pushed =
  (request: (socket: Socket) => void): Follow =>
  (socket, counted, ready) => {
    let open = false
    const count = countPublications(counted)
    socket.on('data', (chunk: Buffer) => {
      if (open) return count(chunk)
      if (!chunk.includes('"type":"subscribed"')) return undefined
      open = true
      ready()
    })
    request(socket)
  }

export const websocket: Follow = pushed((socket) => {
  const hello = textFrame('{"type":"hello","id":0,"version":1}')
  const subscribe = textFrame('{"type":"subscribe","channel":"bench","from":"now"}')
  socket.write(Buffer.concat([Buffer.from(HANDSHAKE(SUBPROTOCOL)), hello, subscribe]))
})

export const sse: Follow = pushed((socket) =>
  post(socket, { live: 'sse', subscribe: { bench: { from: 'now' } } }),
)

export const longPolling: Follow = (socket, counted, ready) => poll(socket, 'long-poll', counted, ready)
export const polling: Follow = (socket, counted, ready) => poll(socket, false, counted, ready)

const poll = (
  socket: Socket,
  live: 'long-poll' | false,
  counted: (count: number) => void,
  ready: () => void,
): void => {
  let resolved = false
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    const body = bodyOf(text)
    if (body === undefined) return
    text = ''
    const cursor = body
      .slice(body.indexOf('"bench":"', body.indexOf('"cursors"')) + 9)
      .split('"', 1)[0] as string
    const publications = body.split('"type":"publication"').length - 1
    if (publications > 0) counted(publications)
    if (!resolved) ready()
    resolved = true
    const ask = (): void => post(socket, { live, subscribe: { bench: { from: cursor } } })
    if (live === false) setTimeout(ask, 100)
    else ask()
  })
  post(socket, { live, subscribe: { bench: { from: 'now' } } })
}

/** The body of a complete answer with a Content-Length. */
const bodyOf = (text: string): string | undefined => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const at = text.toLowerCase().indexOf('content-length: ')
  const length = Number.parseInt(text.slice(at + 16, end), 10)
  return text.length >= end + 4 + length ? text.slice(end + 4) : undefined
}

const post = (socket: Socket, request: unknown): void => {
  if (socket.destroyed) return
  const body = JSON.stringify(request)
  socket.write(
    `POST /session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}
