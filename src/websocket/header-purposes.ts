// What each header of an opening handshake is for, in a few words, with the section that says so. It knows the headers
// that matter to a WebSocket and those that browsers send with one; others need no explanation from it.

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
  accept: 'what the answer may be (RFC 9110 §12.5.1)',
  'accept-encoding': 'how an answer may be compressed; says nothing about frames (RFC 9110 §12.5.3)',
  'accept-language': 'languages that the person reads (RFC 9110 §12.5.4)',
  'cache-control': 'keeps caches on the way out of it (RFC 9111 §5.2)',
  pragma: 'the same for caches of HTTP/1.0 (RFC 9111 §5.4)',
  'content-type': 'what the body is (RFC 9110 §8.3)',
  'content-length': 'how long the body is, in bytes (RFC 9110 §8.6)',
  referer: 'the page that it was asked from (RFC 9110 §10.1.3)',
  'access-control-request-method': 'a preflight: what the page wants to ask with (Fetch §3.3)',
  'access-control-request-headers': 'a preflight: the fields that it wants to send (Fetch §3.3)',
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
  'cache-control': 'what caches on the way may do with it (RFC 9111 §5.2)',
  'keep-alive': 'how long the connection may idle before it is closed',
  vary: 'which fields of the request the answer depends on (RFC 9110 §12.5.5)',
  'access-control-allow-origin': 'the origin whose pages may read it (Fetch §3.3)',
  'access-control-allow-methods': 'answers a preflight: what may be asked with (Fetch §3.3)',
  'access-control-allow-headers': 'answers a preflight: the fields that may be sent (Fetch §3.3)',
  'access-control-expose-headers': 'fields of the answer that the page may read (Fetch §3.3)',
  'access-control-max-age': 'how long the preflight holds, in seconds (Fetch §3.3)',
  'set-cookie': 'to be sent with later requests (RFC 6265 §4.1)',
}

/** A few words, or '' for a header that says nothing about WebSockets. */
export function purposeOf(side: 'request' | 'answer', name: string, value: string): string {
  const purposes = side === 'request' ? REQUEST : ANSWER
  const key = name.toLowerCase()
  if (key === 'connection' && value.toLowerCase() === 'close') return 'nothing follows (RFC 9112 §9.6)'
  return Object.hasOwn(purposes, key) ? purposes[key]! : ''
}
