/** Clients by long and by regular polling. */
import { field, get, post } from './http.ts'
import { polling } from './polling.ts'
import type { Client, Wire } from './wire.ts'

const session = (live: string, from: string): string =>
  post('/session', `{"live":${live},"subscribe":{"bench":{"from":"${from}"}}}`)

const cursorOf = (wire: Wire, answer: string): void => {
  const at = answer.indexOf('"bench":"', answer.indexOf('"cursors"')) + 9
  wire.cursor = answer.slice(at, answer.indexOf('"', at))
}

export const BARE_POLL: Client = polling({ ask: () => get('/poll') })

export const STREAM_POLL: Client = polling({
  opens: [() => get('/v1/stream/bench?offset=now')],
  ask: ({ cursor }) => get(`/v1/stream/bench?offset=${cursor}&live=long-poll`),
  answered: (wire, answer) => (wire.cursor = field(answer, 'stream-next-offset')),
})

export const SESSION_POLL: Client = polling({
  opens: [() => session('false', 'now')],
  ask: ({ cursor }) => session('"long-poll"', cursor),
  answered: cursorOf,
})

export const SESSION_REGULAR: Client = polling({
  opens: [() => session('false', 'now')],
  ask: ({ cursor }) => session('false', cursor),
  answered: cursorOf,
  pauseMs: 100,
})

export const NCHAN_POLL: Client = polling({
  opens: [() => get('/follow/bench')],
  ask: ({ cursor }) => get('/follow/bench', cursor),
  answered: (wire, answer) =>
    (wire.cursor = `If-Modified-Since: ${field(answer, 'last-modified')}\r\nIf-None-Match: ${field(answer, 'etag')}\r\n`),
})

/** The address of its session, once it has one. */
const engineIoPath = ({ cursor }: Wire): string =>
  `/socket.io/?EIO=4&transport=polling&c=0${cursor && `&sid=${cursor}`}`

export const SOCKET_IO_POLL: Client = polling({
  opens: [
    (wire) => get(engineIoPath(wire)),
    (wire) => post(engineIoPath(wire), '40', 'text/plain'),
    (wire) => get(engineIoPath(wire)),
  ],
  ask: (wire) => get(engineIoPath(wire)),
  answered: (wire, answer) => {
    if (wire.cursor === '') wire.cursor = /"sid":"([^"]+)"/.exec(answer)?.[1] ?? ''
  },
})
