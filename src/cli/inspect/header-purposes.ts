// What each header of an opening handshake is for, in a few words, with the section that says so. It knows the headers
// that matter to a WebSocket; others need no explanation from it.

const REQUEST: Readonly<Record<string, string>> = {
  host: 'the server that is meant (RFC 9110 §7.2)',
  upgrade: 'asks to go on in another protocol (RFC 6455 §4.1)',
  connection: 'says that Upgrade is for the next hop (RFC 9110 §7.6.1)',
  'sec-websocket-key': '16 random bytes: the answer must prove that it read them (RFC 6455 §4.1)',
  'sec-websocket-version': 'the only version there is (RFC 6455 §4.1)',
  'sec-websocket-protocol': 'subprotocols to choose from, the preferred first (RFC 6455 §1.9)',
  'sec-websocket-extensions': 'extensions to choose from (RFC 6455 §9.1)',
  origin: 'the page that asks; only browsers can be trusted with it (RFC 6455 §10.2)',
  authorization: 'who asks (RFC 9110 §11.6.2)',
  cookie: 'sent by browsers to this host whatever page asks (RFC 6265 §4.2)',
  'user-agent': 'the program that asks (RFC 9110 §10.1.5)',
}

const ANSWER: Readonly<Record<string, string>> = {
  upgrade: 'the protocol from here on (RFC 6455 §4.2.2)',
  connection: 'says that Upgrade is for this hop (RFC 9110 §7.6.1)',
  'sec-websocket-accept': 'proves that the key was read (RFC 6455 §4.2.2)',
  'sec-websocket-protocol': 'the subprotocol that the server chose (RFC 6455 §4.2.2)',
  'sec-websocket-extensions': 'the extensions in use (RFC 6455 §9.1)',
  'sec-websocket-version': 'the versions that the server speaks (RFC 6455 §4.4)',
  allow: 'the methods that it would take (RFC 9110 §10.2.1)',
  location: 'where to ask instead; a WebSocket client need not follow (RFC 6455 §4.1)',
  'retry-after': 'when to ask again (RFC 9110 §10.2.3)',
  'www-authenticate': 'how to say who asks (RFC 9110 §11.6.1)',
  server: 'the program that answers (RFC 9110 §10.2.4)',
  via: 'proxies on the way (RFC 9110 §7.6.3)',
  date: 'when it was answered (RFC 9110 §6.6.1)',
  'content-type': 'what the body is (RFC 9110 §8.3)',
  'content-length': 'how long the body is, in bytes (RFC 9110 §8.6)',
  'transfer-encoding': 'how the body is cut in pieces (RFC 9112 §6.1)',
  'set-cookie': 'to be sent with later requests (RFC 6265 §4.1)',
}

/** A few words, or '' for a header that says nothing about WebSockets. */
export const purposeOf = (side: 'request' | 'answer', name: string, value: string): string => {
  const purposes = side === 'request' ? REQUEST : ANSWER
  const key = name.toLowerCase()
  if (key === 'connection' && value.toLowerCase() === 'close') return 'nothing follows (RFC 9112 §9.6)'
  return Object.hasOwn(purposes, key) ? purposes[key]! : ''
}

/** What to do about an answer that is no 101. */
export const adviceFor = (status: number): string => {
  if (status === 101) return 'The server agreed, but its answer is no valid handshake.'
  if (status < 300) {
    return 'The server took it for an ordinary request: a proxy on the way dropped Upgrade, or this path is no WebSocket.'
  }
  if (status < 400) return 'It has moved: ask at the Location above.'
  return ADVICE[status] ?? (status < 500 ? 'The server holds the request against you.' : OUT_OF_ORDER)
}

const OUT_OF_ORDER = 'The server, or a proxy before it, is out of order: look into its log.'

const ADVICE: Readonly<Record<number, string>> = {
  400: 'The server finds the request malformed: its body may say why.',
  401: "It asks who you are: --header 'Authorization: Bearer …'.",
  403: "It forbids this to you: --header 'Origin: …' if it lets in only some pages, or another user.",
  404: 'There is no WebSocket at this path; a Holdfast node has it at /ws.',
  405: 'This path takes other methods: it is no WebSocket.',
  407: 'A proxy on the way asks who you are.',
  426: 'It wants other protocol headers than arrived: a proxy on the way may have dropped Upgrade.',
  429: 'Too many requests from here: wait as long as Retry-After says.',
  431: 'The headers are too large or too many.',
  502: 'A proxy on the way has no server behind it.',
  503: 'The server is full or draining: wait as long as Retry-After says.',
  504: 'A proxy on the way got no answer from the server behind it.',
}
