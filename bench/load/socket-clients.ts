/** Clients over WebSockets and SSE: each opens, follows, and is pushed to from then on. */
import { get, post } from './http-clients.ts'
import type { Client, Wire } from './wire.ts'

const handshake = (path: string, protocol = ''): string =>
  get(
    path,
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      `Sec-WebSocket-Version: 13\r\n${protocol}`,
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

/** What is sent when this has been read, in turn; ready when nothing is left. */
type Step = readonly [read: string | RegExp, send: (wire: Wire, text: string) => string]

const pushed = (open: (wire: Wire) => string, steps: readonly Step[], ask = ''): Client => ({
  ask,
  open: (wire) => wire.send(open(wire)),
  opening: (wire, text) => {
    const [read, send] = steps[wire.step] as Step
    if (typeof read === 'string' ? !text.includes(read) : !read.test(text)) return
    wire.step++
    const next = send(wire, text)
    wire.text = ''
    if (next !== '') wire.send(next)
    if (wire.step === steps.length) wire.ready()
  },
})

const NOTHING = (): string => ''
const OPEN = '\r\n\r\n'

const channelName = ({ channel }: Wire): string => (channel === 0 ? 'bench' : `bench/${channel}`)

export const BARE_SOCKET: Client = pushed(
  ({ channel }) => handshake(`/c/${channel}`),
  [[OPEN, NOTHING]],
  frame(DATA),
)

const hello = (then: (wire: Wire) => string): ((wire: Wire) => string) => {
  const protocol = 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n'
  return (wire) => handshake('/ws', protocol) + frame('{"type":"hello","id":0,"version":1}') + then(wire)
}

export const HOLDFAST_SOCKET: Client = pushed(
  hello((wire) => frame(`{"type":"subscribe","channel":"${channelName(wire)}","from":"now"}`)),
  [['"type":"subscribed"', NOTHING]],
)

/** Greeted, and following nothing: it publishes. */
export const HOLDFAST_PUBLISHER: Client = pushed(
  hello(NOTHING),
  [['"type":"reply"', NOTHING]],
  frame(`{"type":"publish","id":1,"channel":"published","data":${DATA}}`),
)

/** The handshake and nothing behind it. */
export const HOLDFAST_HANDSHAKE: Client = pushed(
  () => handshake('/ws', 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n'),
  [[OPEN, NOTHING]],
)

export const HOLDFAST_SSE: Client = pushed(
  (wire) => post('/session', `{"live":"sse","subscribe":{"${channelName(wire)}":{"from":"now"}}}`),
  [['"type":"subscribed"', NOTHING]],
)

export const SOCKET_IO: Client = pushed(
  ({ channel }) => handshake(`/socket.io/?EIO=4&transport=websocket&c=${channel}`),
  [
    ['0{', () => frame('40')],
    ['40{', NOTHING],
  ],
  frame(`420["publish",${DATA}]`),
)

export const ENGINE_IO: Client = pushed(
  ({ channel }) => handshake(`/engine.io/?EIO=4&transport=websocket&c=${channel}`),
  [['0{', NOTHING]],
)

let sessions = 0
export const SOCKJS: Client = pushed(
  ({ channel }) => handshake(`/sockjs/000/s${sessions++}/websocket?c=${channel}`),
  [[/\r\n\r\n..?o/s, NOTHING]],
)

const bayeux = (message: object): string => frame(JSON.stringify([message]))
export const FAYE: Client = pushed(
  () => handshake('/faye'),
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
        const subscription = `/bench/${wire.channel}`
        return (
          bayeux({ channel: '/meta/subscribe', clientId, subscription }) +
          bayeux({ channel: '/meta/connect', clientId, connectionType: 'websocket' })
        )
      },
    ],
    ['/meta/subscribe', NOTHING],
  ],
)

export const NCHAN_SOCKET: Client = pushed(
  ({ channel }) => handshake(`/follow/${channel === 0 ? 'bench' : `bench/${channel}`}`),
  [['"first"', NOTHING]],
)
