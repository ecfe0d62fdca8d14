/** Clients over WebSockets and SSE: each opens, follows, and is pushed to from then on. */
import { get, post } from './http.ts'
import type { Client, Wire } from './wire.ts'

const DEFLATE =
  'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n'

export const handshake = ({ target }: Wire, path: string, protocol = ''): string =>
  get(
    path,
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      `Sec-WebSocket-Version: 13\r\n${target.deflate ? DEFLATE : ''}${protocol}`,
  )

/** A masked text frame, as latin1; the mask is not zero, which some servers need not undo. */
export const frame = (text: string): string => {
  const { length } = text
  let bytes = length < 126 ? `\x81${chr(0x80 | length)}` : `\x81\xfe${chr(length >> 8)}${chr(length & 255)}`
  bytes += MASK
  for (let at = 0; at < length; at++) bytes += chr(text.charCodeAt(at) ^ MASK.charCodeAt(at & 3))
  return bytes
}

const chr = (code: number): string => String.fromCharCode(code)
const MASK = '\x01\x52\x3b\x74'

/** 128 bytes of JSON. */
const DATA = JSON.stringify({ text: 'x'.repeat(117) })

type Read = string | RegExp | ((text: string, wire: Wire) => boolean)

/** What is sent when this has been read, in turn; ready when nothing is left. */
type Step = readonly [read: Read, send: (wire: Wire, text: string) => string]

const isRead = (read: Read, text: string, wire: Wire): boolean => {
  if (typeof read === 'function') return read(text, wire)
  return typeof read === 'string' ? text.includes(read) : read.test(text)
}

const pushed = (open: (wire: Wire) => string, steps: readonly Step[], ask = ''): Client => ({
  ask,
  open: (wire) => wire.send(open(wire)),
  opening: (wire, text) => {
    const [read, send] = steps[wire.step] as Step
    if (!isRead(read, text, wire)) return
    wire.step++
    const next = send(wire, text)
    wire.text = ''
    if (next !== '') wire.send(next)
    if (wire.step === steps.length) wire.ready()
  },
})

const NOTHING = (): string => ''
const OPEN = '\r\n\r\n'

const channelName = (channel: number): string => (channel === 0 ? 'bench' : `bench/${channel}`)

export const BARE_SOCKET: Client = pushed(
  (wire) => handshake(wire, `/c/${wire.channels.join(',')}`),
  [[OPEN, NOTHING]],
  frame(DATA),
)

const hello = (wire: Wire): string =>
  handshake(wire, '/ws', 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n') +
  frame('{"type":"hello","id":0,"version":1}')

/** What a client of ours says first, to follow its channels from somewhere. */
export const subscribing = (wire: Wire, from: string): string => {
  const subscribe = (channel: number): string =>
    frame(`{"type":"subscribe","channel":"${channelName(channel)}","from":"${from}"}`)
  return hello(wire) + wire.channels.map(subscribe).join('')
}

export const sseSession = ({ channels }: Wire, from: string): string => {
  const subscribe = channels.map((channel) => `"${channelName(channel)}":{"from":"${from}"}`)
  return post('/session', `{"live":"sse","subscribe":{${subscribe.join()}}}`)
}

const SUBSCRIBED = '"type":"subscribed"'
const allSubscribed = (text: string, { channels }: Wire): boolean =>
  text.split(SUBSCRIBED).length > channels.length

export const HOLDFAST_SOCKET: Client = pushed((wire) => subscribing(wire, 'now'), [[allSubscribed, NOTHING]])

/** Greeted, and following nothing: it publishes. */
export const HOLDFAST_PUBLISHER: Client = pushed(
  hello,
  [['"type":"reply"', NOTHING]],
  frame(`{"type":"publish","id":1,"channel":"published","data":${DATA}}`),
)

/** The handshake and nothing behind it. */
export const HOLDFAST_HANDSHAKE: Client = pushed(
  (wire) => handshake(wire, '/ws', 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n'),
  [[OPEN, NOTHING]],
)

export const HOLDFAST_SSE: Client = pushed((wire) => sseSession(wire, 'now'), [[allSubscribed, NOTHING]])

export const HOLDFAST_STREAM_SSE: Client = pushed(
  () => get('/v1/stream/bench?offset=now&live=sse'),
  [[OPEN, NOTHING]],
)

export const SOCKET_IO: Client = pushed(
  (wire) => handshake(wire, `/socket.io/?EIO=4&transport=websocket&c=${wire.channels.join(',')}`),
  [
    ['0{', () => frame('40')],
    ['40{', NOTHING],
  ],
  frame(`420["publish",${DATA}]`),
)

export const ENGINE_IO: Client = pushed(
  (wire) => handshake(wire, `/engine.io/?EIO=4&transport=websocket&c=${wire.channels.join(',')}`),
  [['0{', NOTHING]],
)

let sessions = 0
export const SOCKJS: Client = pushed(
  (wire) => handshake(wire, `/sockjs/000/s${sessions++}/websocket?c=${wire.channels.join(',')}`),
  [[/\r\n\r\n..?o/s, NOTHING]],
)

const bayeux = (message: object): string => frame(JSON.stringify([message]))
export const FAYE: Client = pushed(
  (wire) => handshake(wire, '/faye'),
  [
    [
      OPEN,
      () =>
        bayeux({
          channel: '/meta/handshake',
          version: '1.0',
          supportedConnectionTypes: ['websocket'],
        }),
    ],
    [
      /"clientId":"(\w+)"/,
      (wire, text) => {
        const clientId = /"clientId":"(\w+)"/.exec(text)?.[1]
        const subscription = `/bench/${wire.channels[0]}`
        return (
          bayeux({ channel: '/meta/subscribe', clientId, subscription }) +
          bayeux({ channel: '/meta/connect', clientId, connectionType: 'websocket' })
        )
      },
    ],
    ['/meta/subscribe', NOTHING],
  ],
)

const nchanPath = ({ channels }: Wire): string => `/follow/${channels.map(channelName).join(',')}`

export const NCHAN_SOCKET: Client = pushed((wire) => handshake(wire, nchanPath(wire)), [[OPEN, NOTHING]])

export const NCHAN_SSE: Client = pushed(
  (wire) => get(nchanPath(wire), 'Accept: text/event-stream\r\n'),
  [[OPEN, NOTHING]],
)
