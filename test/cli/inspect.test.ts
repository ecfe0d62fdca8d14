/** `holdfast inspect` as a person and a script use it, beside servers that are right, wrong, hostile and absent. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { WebSocketServer } from 'ws'
import { certificate } from '../server/certificate.ts'
import { Command, run } from './command.ts'

let folder: string
let echo: Command
let url: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-inspect-'))
  echo = new Command(['echo', '--port', '0'])
  url = (await echo.line()).replace('listening on ', '')
})
after(async () => {
  await echo.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Line = Record<string, unknown> & { type: string }
const jsonLines = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** A server that answers each connection with these bytes, `{accept}` standing for the accept key. */
const serving = async (
  context: TestContext,
  head: string,
  frames: string,
  then?: (socket: Socket) => void,
) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (request: Buffer) => {
      const key = /^sec-websocket-key: (.*)\r$/im.exec(request.toString('latin1'))?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(Buffer.from(head.replace('{accept}', accept), 'latin1'))
      socket.write(Buffer.from(frames.replaceAll(/\s/g, ''), 'hex'))
      then?.(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const ACCEPTING =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n'

test('the handshake header by header, each frame on a line, and what it came to', async () => {
  const args = ['-s', 'hello', '--send-binary', '00ff', '--ping', '--count', '3', '-p', 'chat.v1']
  const { status, stdout, stderr } = await run(['inspect', url, ...args])
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^→ GET \/ HTTP\/1\.1$/m)
  assert.match(stdout, /^ {2}Sec-WebSocket-Key: [+/\w]{22}== +16 random bytes.*§4\.1/m)
  assert.match(stdout, /^ {2}Sec-WebSocket-Protocol: chat\.v1 +\S/m)
  assert.match(stdout, /^← HTTP\/1\.1 101 Switching Protocols/m)
  assert.match(stdout, /Sec-WebSocket-Accept: .*\s+as computed here/)
  const frames = stdout.split('\n').filter((line) => /^ +\d+\.\d{3} s /.test(line))
  const shown = frames.map((line) => line.replace(/^.*? s /, '').replaceAll(/ [0-9a-f]{8} /g, ' KEY '))
  assert.deepEqual(
    shown.map((line) => line.replaceAll(/ +/g, ' ')),
    [
      '→ FIN ··· text KEY 6 5 "hello"',
      '→ FIN ··· binary KEY 6 2 00 ff',
      '→ FIN ··· ping KEY 6 8 "holdfast"',
      '← FIN ··· text · 2 5 "hello"',
      '← FIN ··· binary · 2 2 00 ff',
      '← FIN ··· pong · 2 8 "holdfast"',
      '→ FIN ··· close KEY 6 2 1000 normal',
      '← FIN ··· close · 2 2 1000 normal',
    ],
  )
  assert.match(stdout, /→ sent +4 frames: 41 bytes = 17 of payload \+ 24 of headers \(58\.5 %\)/)
  assert.match(stdout, /← received 4 frames: 25 bytes = 17 of payload \+ 8 of headers/)
  assert.match(stdout, /Closed from here with 1000 \(normal\)/)
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(stdout, /\u001b/, 'no colours in a pipe')
})

test('--json: one object a line, as the usage text documents them', async () => {
  const { status, stdout } = await run([
    'inspect',
    url,
    '--json',
    '-s',
    'héllo',
    '-n',
    '1',
    '--close',
    '4001',
  ])
  assert.equal(status, 0)
  const [connected, request, answer, ...rest] = jsonLines(stdout)
  assert.equal(connected?.type, 'connected')
  assert.deepEqual(request?.['target'], '/')
  assert.equal(answer?.['status'], 101)
  const headers = answer['headers'] as [string, string][]
  assert.equal(
    headers.find(([name]) => name === 'Sec-WebSocket-Accept')?.[1],
    request['expectedAccept'],
    'computed from the key that was sent',
  )
  const received = rest.find(({ direction }) => direction === 'received')
  assert.deepEqual(
    { ...received, timeMs: typeof received?.['timeMs'] },
    {
      type: 'frame',
      direction: 'received',
      timeMs: 'number',
      stage: 'complete',
      index: 0,
      offset: 0,
      header: '8106',
      fin: true,
      rsv1: false,
      rsv2: false,
      rsv3: false,
      opcode: 1,
      opcodeName: 'text',
      masked: false,
      lengthBits: 7,
      payloadLength: 6,
      receivedBytes: 6,
      payload: '68c3a96c6c6f',
      message: { index: 0, kind: 'text', fragment: 0 },
      compressed: false,
      text: 'héllo',
      violations: [],
      lost: false,
    },
  )
  const summary = rest.at(-1)
  assert.deepEqual(
    { ...summary, durationMs: 0 },
    {
      type: 'summary',
      durationMs: 0,
      sent: { frames: 2, payloadBytes: 8, wireBytes: 20 },
      received: { frames: 2, payloadBytes: 8, wireBytes: 12 },
      code: 4001,
      name: 'private',
      reason: '',
      closedBy: 'client',
    },
  )
})

test('--verbose draws the header as RFC 6455 §5.2 does, and dumps the payload', async () => {
  const { stdout } = await run(['inspect', url, '-v', '-s', 'x'.repeat(300), '-n', '1'])
  assert.match(stdout, /\|1\|0\|0\|0\|0 0 0 1\|0\|1 1 1 1 1 1 0\|0 0 0 0 0 0 0 1 0 0 1 0 1 1 0 0\|/)
  assert.match(stdout, /\|F\|R\|R\|R\| opcode\|M\| Payload len \|\s+Extended payload length\s+\|/)
  assert.match(stdout, /0120 {2}78 78 78 78 78 78 78 78 {2}78 78 78 78 {14}\|xxxxxxxxxxxx\|/)
})

test('a node of our own is readable: hello and its reply, typed into a pipe', async (context) => {
  const node = new Command(['serve', '--port', '0'], { cwd: folder })
  context.after(() => node.stop())
  const address = await node.line()
  const hello = '{"type":"hello","id":0,"version":1}'
  const { status, stdout } = await run(
    ['inspect', `${address}/ws`, '-', '-p', 'holdfast.v1.json', '-n', '1'],
    `${hello}\n`,
  )
  assert.equal(status, 0)
  assert.match(stdout, /Sec-WebSocket-Protocol: holdfast\.v1\.json +the subprotocol that the server chose/)
  assert.match(stdout, /→ FIN ··· text .*"{"type":"hello","id":0,"version":1}"/)
  assert.match(stdout, /← FIN ··· text .*"{"type":"reply","id":0,"ok":/)
})

test('nothing that a server sends reaches the terminal as a control', async (context) => {
  const escape = Buffer.from('\u001b]0;owned\u0007\u009b31m\u202e\r\n\u200b').toString('hex')
  const length = (escape.length / 2).toString(16).padStart(2, '0')
  const close = `88${(escape.length / 2 + 2).toString(16).padStart(2, '0')}03e8${escape}`
  const head = ACCEPTING.replace('\r\n\r\n', '\r\nX-Title: \u009b31m\r\n\r\n')
  const hostile = await serving(
    context,
    head,
    `81${length}${escape} 89${length}${escape} ${close}`,
    (socket) => socket.end(),
  )
  for (const flags of [[], ['-v']]) {
    const { status, stdout, stderr } = await run(['inspect', hostile, ...flags])
    assert.equal(status, 0, stderr)
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/)
    assert.match(stdout, /"\\u\{1b\}\]0;owned\\u\{7\}\\u\{9b\}31m\\u\{202e\}\\r\\n\\u\{200b\}"/)
    assert.match(stdout, /X-Title: \\u\{9b\}31m/)
    assert.match(stdout, /Closed by the server with 1000 \(normal\)/)
  }
})

test('a server that breaks the protocol: every violation with its section, and 1', async (context) => {
  const wrong = await serving(context, ACCEPTING, '8101 61 c98101020304 60')
  const { status, stdout } = await run(['inspect', wrong])
  assert.equal(status, 1)
  assert.match(
    stdout,
    /← FIN 1·· ping +01020304 +6 +1 {2}"a"\n +✗ reserved bits are set \(reserved-bits, RFC 6455 §5\.2\)/,
  )
  assert.match(stdout, /✗ a server masked its frame \(mask-forbidden, RFC 6455 §5\.1\)/)
  assert.match(stdout, /✗ The server broke the protocol, and was told so with 1002/)
})

test('a connection that is lost in the middle of a frame or a header: said so, and 1', async (context) => {
  const frame = await serving(context, ACCEPTING, '8105 6162', (socket) => socket.end())
  const lost = await run(['inspect', frame])
  assert.equal(lost.status, 1)
  assert.match(lost.stdout, /ended inside this frame: 3 bytes are missing/)
  assert.match(lost.stdout, /lost without a Close frame: 1006/)
  const header = await serving(context, ACCEPTING, '817e01', (socket) => socket.end())
  assert.match((await run(['inspect', header])).stdout, /ended inside a header: 817e01/)
  const endless = await serving(context, ACCEPTING, '817fffffffffffffffff 6162')
  const { status, stdout } = await run(['inspect', endless])
  assert.equal(status, 1)
  assert.match(stdout, /no end of it can be known/)
  assert.match(stdout, /length-top-bit/)
})

test('a refusal is printed just the same, with its body and what to do, and 1', async (context) => {
  const { status, stdout } = await run(['inspect', new URL('/nowhere', url).href])
  assert.equal(status, 1)
  assert.match(stdout, /← HTTP\/1\.1 404 Not Found/)
  assert.match(stdout, /There is no WebSocket at this path/)
  const body = '\u001b[2J<p>no</p>\r\n'
  const head = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const full = await run(['inspect', await serving(context, head, '')])
  assert.equal(full.status, 1)
  assert.match(full.stdout, /\\u\{1b\}\[2J<p>no<\/p>/)
  assert.match(full.stdout, /wait as long as Retry-After says/)
  const json = await run(['inspect', '--json', await serving(context, head, '')])
  assert.equal(json.status, 1)
  const answer = jsonLines(json.stdout).at(-1)!
  assert.deepEqual([answer['status'], answer['body']], [503, body])
  assert.equal((answer['error'] as { code: string }).code, 'bad-status')
})

test('a 101 that proves nothing is no WebSocket', async (context) => {
  const wrong = await run(['inspect', await serving(context, ACCEPTING.replace('{accept}', 'AAAA'), '8100')])
  assert.equal(wrong.status, 1)
  assert.match(wrong.stdout, /Sec-WebSocket-Accept: AAAA +should be [+/\w]{27}=/)
  assert.match(wrong.stdout, /No WebSocket: .*\(bad-accept\)/)
  const chosen = ACCEPTING.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: chat\r\n\r\n')
  assert.match((await run(['inspect', await serving(context, chosen, '')])).stdout, /\(bad-protocol\)/)
  const bare = await run(['inspect', await serving(context, 'HTTP/1.1 101 Yes\r\n\r\n', '')])
  assert.equal(bare.status, 1)
  assert.match(bare.stdout, /bad-upgrade/)
})

test('no connection: one sentence, and 1', async (context) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const nobody = await run(['inspect', `ws://127.0.0.1:${port}/`])
  assert.deepEqual([nobody.status, nobody.stdout], [1, ''])
  assert.match(nobody.stderr, /nobody listens at 127\.0\.0\.1:\d+/)
  const ssh = await run(['inspect', await serving(context, 'SSH-2.0-OpenSSH_9.9\r\n', '')])
  assert.equal(ssh.status, 1)
  assert.match(ssh.stderr, /does not answer in HTTP/)
  const mute = await run(['inspect', await serving(context, '', '', (socket) => socket.end())])
  assert.equal(mute.status, 1)
  assert.match(mute.stderr, /hung up without an answer/)
})

test('wss://: a certificate is trusted by --ca, taken by --insecure, and refused otherwise', async (context) => {
  const { cert, key } = certificate()
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const secure = new Command(['echo', '--port', '0', '--tls-cert', certFile, '--tls-key', keyFile])
  context.after(() => secure.stop())
  const address = (await secure.line()).replace('listening on ', '')
  const args = ['inspect', address, '-s', 'x', '-n', '1']
  const trusted = await run([...args, '--ca', certFile])
  assert.equal(trusted.status, 0, trusted.stderr)
  assert.match(
    trusted.stdout,
    /^TLSv1\.3, .*\nCertificate of 127\.0\.0\.1 by 127\.0\.0\.1, until .*: trusted$/m,
  )
  const taken = await run([...args, '--insecure'])
  assert.equal(taken.status, 0)
  assert.match(taken.stdout, /NOT trusted/)
  const refused = await run(args)
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /is not to be trusted.*--ca FILE/)
  const plain = await run(['inspect', address.replace('wss', 'ws')])
  assert.equal(plain.status, 1)
  assert.match(plain.stderr, /is it wss:\/\/ rather than ws:\/\/\?/)
  const tls = await run(['inspect', url.replace('ws', 'wss')])
  assert.equal(tls.status, 1)
  assert.match(tls.stderr, /does not speak TLS/)
})

test('--header adds, and replaces what the handshake would say', async () => {
  const { status, stdout } = await run([
    ...['inspect', url, '-H', 'X-Mine: yes', '-H', 'Sec-WebSocket-Version: 12', '--json'],
  ])
  assert.equal(status, 1)
  const [, request, answer] = jsonLines(stdout)
  const headers = request!['headers'] as [string, string][]
  assert.deepEqual(
    headers.filter(([name]) => /mine|version/i.test(name)),
    [
      ['X-Mine', 'yes'],
      ['Sec-WebSocket-Version', '12'],
    ],
  )
  assert.equal(answer!['status'], 426)
})

test('Ctrl-C closes with 1000 and shows what it came to', async () => {
  const command = new Command(['inspect', url, '--json', '-s', 'x'])
  let line: Line
  do line = JSON.parse(await command.line()) as Line
  while (line['direction'] !== 'received')
  const stopped = command.stop('SIGINT')
  do line = JSON.parse(await command.line()) as Line
  while (line.type !== 'summary')
  assert.deepEqual([line['code'], line['closedBy']], [1000, 'client'])
  assert.equal(await stopped, 0)
})

test('a second Ctrl-C does not wait for a server that does not answer the first', async (context) => {
  const deaf = await serving(context, ACCEPTING, '8101 61')
  const command = new Command(['inspect', deaf, '--json'])
  const sees = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(await command.line()));
  }
  await sees(/"direction":"received"/)
  void command.stop('SIGINT')
  await sees(/"direction":"sent".*"opcodeName":"close"/)
  assert.equal(await command.stop('SIGINT'), 1)
})

test('--duration ends by itself; --close closes at once', async () => {
  const timed = await run(['inspect', url, '--json', '--duration', '0.05'])
  assert.equal(timed.status, 0)
  assert.equal(jsonLines(timed.stdout).at(-1)!['code'], 1000)
  const closed = await run(['inspect', url, '--json', '-s', 'x', '--close', '1001'])
  const lines = jsonLines(closed.stdout)
  assert.equal(lines.at(-1)!['code'], 1001)
  assert(
    lines.some(({ direction, text }) => direction === 'received' && text === 'x'),
    'what the server had to say before it closed is heard',
  )
})

test('--deflate: what is compressed is shown beside what it says', async (context) => {
  // With context takeover, so that both sides must remember what was said.
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: { threshold: 0, clientMaxWindowBits: 10 },
  })
  server.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(data.toString())))
  await once(server, 'listening')
  context.after(() => server.close())
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const text = 'Holdfast '.repeat(300)
  const { status, stdout } = await run(['inspect', address, '--deflate', '-s', text, '-s', text, '-n', '2'])
  assert.equal(status, 0)
  assert.match(stdout, /^ {2}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits/m)
  const frames = stdout.split('\n').filter((line) => / text /.test(line))
  assert.equal(frames.length, 4)
  for (const frame of frames) assert.match(frame, /FIN 1·· text .* inflated to 2700: "Holdfast Holdfast /)
})

test('a reader that goes away ends it', async () => {
  const command = new Command(['inspect', url, '-', '--json', '--duration', '60'])
  await command.line()
  command.closeOutput()
  command.write('what is said next cannot be shown\n')
  assert.equal(await command.ended(), 0)
})

test('what it does not understand ends with 2, and says what to type instead', async () => {
  for (const [args, said] of [
    [[], /which URL\?/],
    [['localhost:9001'], /begins with ws:\/\/ or wss:\/\//],
    [['ftp://a/'], /begins with ws:\/\/ or wss:\/\//],
    [['ws://a/#b'], /no fragment/],
    [['ws://u:p@a/'], /go into a header/],
    [['ws://'], /is no URL/],
    [[url, 'more'], /one URL, and -/],
    [[url, '--send-binary', '0'], /hexadecimal digits or @file/],
    [[url, '--send-binary', '@/nowhere'], /cannot read \/nowhere/],
    [[url, '--close', '1005'], /a code that may be sent/],
    [[url, '--close', '999'], /a whole number from 1000 to 4999/],
    [[url, '--count', '0'], /--count takes a whole number/],
    [[url, '--duration', 'soon'], /--duration takes seconds/],
    [[url, '--header', 'nothing'], /'Name: value'/],
    [[url, '--header', 'A: b\r\nC: d'], /'Name: value'/],
    [[url, '--protocol', 'a b'], /--protocol takes names/],
    [[url, '--protocol', 'a,a'], /each once/],
    [[url, '--ca', '/nowhere'], /--ca: cannot read/],
    [[url, '--fast'], /Unknown option '--fast'/],
  ] as const) {
    const { status, stderr } = await run(['inspect', ...args])
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, said)
  }
})

test('--help teaches', async () => {
  const { status, stdout } = await run(['inspect', '--help'])
  assert.equal(status, 0)
  assert.match(stdout, /Usage: holdfast inspect <url>/)
})
