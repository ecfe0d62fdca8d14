/** Clients that poll: each asks, takes an answer whole, and asks again from where that one ended. */
import type { Client, Wire } from './wire.ts'

interface Poller {
  /** The next request. */
  ask(wire: Wire): string
  /** Takes from an answer what the next request needs. */
  answered?(wire: Wire, answer: string): void
  /** How long it waits before it asks again, milliseconds. */
  readonly pauseMs?: number
  /** What is asked first, answered at once, where there is such a thing. */
  first?(wire: Wire): string
}

/** The length of the first whole answer in `text`, 0 while it is not there. */
const wholeAnswer = (text: string): number => {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const fields = text.slice(0, head)
  const at = fields.search(/content-length: /i)
  if (at >= 0) {
    const end = head + 4 + Number.parseInt(fields.slice(at + 16), 10)
    return text.length >= end ? end : 0
  }
  if (/transfer-encoding: chunked/i.test(fields)) {
    const end = text.indexOf('\r\n0\r\n\r\n', head)
    return end < 0 ? 0 : end + 7
  }
  return head + 4
}

const polling = (poller: Poller): Client => {
  const ask = (wire: Wire): void => wire.send(poller.ask(wire))
  const take = (wire: Wire, text: string): void => {
    if (wholeAnswer(text) === 0) return
    wire.text = ''
    poller.answered?.(wire, text)
    if (poller.pauseMs === undefined) ask(wire)
    else setTimeout(ask, poller.pauseMs, wire)
  }
  return {
    open: (wire) => {
      if (poller.first === undefined) {
        wire.ready()
        ask(wire)
      } else wire.send(poller.first(wire))
    },
    opening: (wire, text) => {
      if (wholeAnswer(text) === 0) return
      if (!/^HTTP\/1.1 2/.test(text)) throw new Error(`refused: ${text}`)
      poller.answered?.(wire, text)
      wire.ready()
      ask(wire)
    },
    received: (wire, bytes) => {
      wire.text += bytes.latin1Slice(0, bytes.length)
      take(wire, wire.text)
    },
  }
}

const HOST = 'Host: 127.0.0.1\r\n'

export const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`

export const post = (path: string, body: string, type = 'application/json'): string =>
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const field = (answer: string, name: string): string => {
  const at = answer.toLowerCase().indexOf(`\r\n${name}: `)
  return at < 0 ? '' : answer.slice(at + name.length + 4, answer.indexOf('\r\n', at + 2))
}

const session = (wire: Wire, live: string, from: string): string =>
  post('/session', `{"live":${live},"subscribe":{"bench":{"from":"${from}"}}}`)

const cursorOf = (wire: Wire, answer: string): void => {
  const at = answer.indexOf('"bench":"', answer.indexOf('"cursors"')) + 9
  wire.cursor = answer.slice(at, answer.indexOf('"', at))
}

export const BARE_POLL: Client = polling({ ask: () => get('/poll') })
export const BARE_POST: Client = polling({ ask: (wire) => session(wire, '"long-poll"', '0'.repeat(30)) })

export const STREAM_POLL: Client = polling({
  first: () => get('/v1/stream/bench?offset=now&live=long-poll'.replace('&live=long-poll', '')),
  ask: (wire) => get(`/v1/stream/bench?offset=${wire.cursor}&live=long-poll`),
  answered: (wire, answer) => (wire.cursor = field(answer, 'stream-next-offset')),
})

export const SESSION_POLL: Client = polling({
  first: (wire) => session(wire, 'false', 'now'),
  ask: (wire) => session(wire, '"long-poll"', wire.cursor),
  answered: cursorOf,
})

export const SESSION_REGULAR: Client = polling({
  first: (wire) => session(wire, 'false', 'now'),
  ask: (wire) => session(wire, 'false', wire.cursor),
  answered: cursorOf,
  pauseMs: 100,
})

export const NCHAN_POLL: Client = polling({
  first: () => get('/follow/bench'),
  ask: (wire) => get('/follow/bench', wire.cursor),
  answered: (wire, answer) =>
    (wire.cursor = `If-Modified-Since: ${field(answer, 'last-modified')}\r\nIf-None-Match: ${field(answer, 'etag')}\r\n`),
})
