/**
 * The opening handshake under the fuzzer: whatever stands in the headers, the readers answer with their own errors or with
 * what a plain reading of the grammar by regular expressions says too, and they take linear time.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  AnswerError,
  type Extension,
  formatExtensions,
  HandshakeError,
  parseExtensions,
  readAnswer,
  readHandshake,
} from 'holdfast/websocket/frames'

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const OWS = '[ \\t]*'
/** RFC 6455 §9.1, with RFC 9110's space around delimiters; a quoted value is a token once it is unquoted. */
const PARAMETER = `${TOKEN}(?:${OWS}=${OWS}(?:${TOKEN}|"(?:\\\\?${TOKEN.replace('+', '')})+"))?`
const EXTENSION = `${TOKEN}(?:${OWS};${OWS}${PARAMETER})*`
const EXTENSIONS = new RegExp(`^${OWS}${EXTENSION}(?:${OWS},${OWS}${EXTENSION})*${OWS}$`)

const readByExpressions = (text: string): Extension[] | undefined => {
  if (!EXTENSIONS.test(text)) return undefined
  // No delimiter can stand in a token, so that splitting cuts nothing in two.
  return text.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim())
    return {
      name,
      parameters: parameters.map((parameter) => {
        const [key = '', value] = parameter.split('=').map((each) => each.trim())
        return value === undefined ? { name: key } : { name: key, value: value.replaceAll(/^"|"$|\\/g, '') }
      }),
    }
  })
}

const word = fc.oneof(
  fc.constantFrom(
    'permessage-deflate',
    'server_max_window_bits',
    '15',
    'x',
    '__proto__',
    'constructor',
    'chat.v1',
  ),
  fc.constantFrom('"15"', '"1\\5"', '"', '""', '\\', 'é', '\u0000', '\u007f', 'a b'),
)
const delimiter = fc.constantFrom(',', ';', '=', ' ', '\t', '', '', ', ', '; ', ' = ')
export const extensionsText: fc.Arbitrary<string> = fc
  .array(fc.tuple(word, delimiter), { maxLength: 8 })
  .map((parts) => parts.flat().join(''))

export const checkExtensions = (text: string): void => {
  const parsed = parseExtensions(text)
  assert.deepEqual(parsed, readByExpressions(text), JSON.stringify(text))
  if (parsed !== undefined) assert.deepEqual(parseExtensions(formatExtensions(parsed)), parsed, 'said again')
}

export interface Head {
  readonly method: string
  readonly httpVersion: string
  readonly status: number
  readonly headers: readonly string[]
}

const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const NAMES = [
  ...['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Origin'],
  ...['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Accept'],
  ...['Content-Length', 'Transfer-Encoding', '__proto__', 'constructor'],
]
const VALID: readonly (readonly [string, string])[] = [
  ['Host', 'example.org'],
  ['Upgrade', 'websocket'],
  ['Connection', 'keep-alive, Upgrade'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Accept', ACCEPT],
]
const fieldValue = fc.oneof(
  fc.constantFrom(
    'websocket',
    'Upgrade',
    '13',
    '12',
    '013',
    '',
    ' ',
    ',',
    'chat',
    'chat, chat',
    'chat,, b',
    ACCEPT,
    '0',
    '5',
  ),
  fc.constantFrom(
    'dGhlIHNhbXBsZSBub25jZQ==',
    'dGhlIHNhbXBsZSBub25jZQ=',
    'dGhlIHNhbXBsZSBub25j',
    'AAAAAAAAAAAAAAAAAAAAA*==',
    'dGhlIHNhbXBsZSBub25jZTEy',
    'dGhlIHNhbXBsZSBub25jZTE=',
  ),
  extensionsText,
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const field = fc.tuple(
  fc.oneof(
    fc.constantFrom(...NAMES),
    fc.constantFrom(...NAMES.map((name) => name.toLowerCase())),
    fc.string({ maxLength: 8 }),
  ),
  fieldValue,
)

/** A valid head with fields left out, changed, doubled and added. */
export const head: fc.Arbitrary<Head> = fc
  .record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant('GET') },
      fc.constantFrom('POST', 'get', '', 'CONNECT'),
    ),
    httpVersion: fc.oneof({ weight: 9, arbitrary: fc.constant('1.1') }, fc.constantFrom('1.0', '2.0', '')),
    status: fc.oneof({ weight: 9, arbitrary: fc.constant(101) }, fc.integer({ min: 100, max: 599 })),
    left: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      fc.array(fc.nat(VALID.length - 1), { maxLength: 2 }),
    ),
    added: fc.array(field, { maxLength: 3 }),
    replaced: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.tuple(fc.nat(VALID.length - 1), fieldValue),
    ),
  })
  .map(({ left, added, replaced, method, httpVersion, status }) => ({
    method,
    httpVersion,
    status,
    headers: [
      ...VALID.map(
        ([name, value], index) => [name, replaced?.[0] === index ? replaced[1] : value] as const,
      ).filter((_, index) => !(left as readonly number[]).includes(index)),
      ...added,
    ].flat(),
  }))

const lines = ({ headers }: Head, name: string): string[] =>
  headers.filter((_, index) => index % 2 === 1 && headers[index - 1]!.toLowerCase() === name)
const LIST = new RegExp(`^${OWS}(?:${TOKEN})?(?:${OWS},${OWS}(?:${TOKEN})?)*${OWS}$`)
const tokens = (text: string): string[] | undefined =>
  LIST.test(text)
    ? text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '')
    : undefined
const has = (text: string, token: string): boolean =>
  tokens(text)?.some((each) => each.toLowerCase() === token) === true
/** Visible ASCII, spaces and tabs, each field once. */
const plain = (request: Head, names: readonly string[]): boolean =>
  // oxlint-disable-next-line no-control-regex
  names.every(
    (name) => lines(request, name).length <= 1 && /^[\t\u0020-\u007e]*$/.test(lines(request, name)[0] ?? ''),
  )

/** §4.2.1 as one sentence. */
const isValidRequest = (request: Head): boolean => {
  const one = (name: string): string => lines(request, name)[0] ?? ''
  const all = (name: string): string => lines(request, name).join(',')
  const protocols = tokens(all('sec-websocket-protocol'))
  const extensions = all('sec-websocket-extensions')
  return (
    request.method === 'GET' &&
    request.httpVersion === '1.1' &&
    plain(request, ['host', 'origin', 'content-length', 'sec-websocket-version', 'sec-websocket-key']) &&
    one('host') !== '' &&
    ['', '0'].includes(one('content-length')) &&
    lines(request, 'transfer-encoding').length === 0 &&
    has(all('upgrade'), 'websocket') &&
    has(all('connection'), 'upgrade') &&
    one('sec-websocket-version') === '13' &&
    /^[A-Za-z0-9+/]{22}==$/.test(one('sec-websocket-key')) &&
    protocols !== undefined &&
    new Set(protocols).size === protocols.length &&
    (extensions === '' || EXTENSIONS.test(extensions))
  )
}

export const checkRequest = (request: Head): void => {
  try {
    const offer = readHandshake(request)
    assert(isValidRequest(request), 'a request was accepted that is no handshake')
    assert.equal(offer.key, lines(request, 'sec-websocket-key')[0])
    assert.deepEqual(offer.protocols, tokens(lines(request, 'sec-websocket-protocol').join(',')))
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
    assert(!isValidRequest(request), `a handshake was refused: ${error.message}`)
    assert([400, 405, 426, 431].includes(error.status))
  }
}

const PROTOCOLS = ['chat', 'chat.v1']

/** §4.1, the client's six steps. */
const isValidAnswer = (answer: Head): boolean => {
  const one = (name: string): string => lines(answer, name)[0] ?? ''
  const protocol = lines(answer, 'sec-websocket-protocol')
  return (
    answer.status === 101 &&
    plain(answer, ['upgrade', 'connection', 'sec-websocket-accept', 'sec-websocket-protocol']) &&
    has(one('upgrade'), 'websocket') &&
    has(one('connection'), 'upgrade') &&
    one('sec-websocket-accept') === ACCEPT &&
    (protocol.length === 0 || PROTOCOLS.includes(protocol[0]!))
  )
}

export const checkAnswer = (answer: Head): void => {
  const extensions = lines(answer, 'sec-websocket-extensions')
  try {
    const choice = readAnswer(answer, { accept: ACCEPT, protocols: PROTOCOLS })
    assert(isValidAnswer(answer), 'an answer was accepted that proves nothing')
    assert.equal(choice.protocol, lines(answer, 'sec-websocket-protocol')[0] ?? '')
    assert.deepEqual(
      choice.extensions,
      extensions.length === 0 ? [] : readByExpressions(extensions.join(',')),
    )
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error
    const unreadable = extensions.length > 0 && !EXTENSIONS.test(extensions.join(','))
    assert(!isValidAnswer(answer) || unreadable, `an answer was refused: ${error.message}`)
  }
}
