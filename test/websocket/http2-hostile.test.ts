// What a hostile or broken client does with HTTP/2, to a server that speaks both versions, in cleartext and over TLS:
// handshakes with their exact status and code, floods that Node and nghttp2 end, and peers that stall. A bystander on
// the same server notices nothing.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { Bystander, CONNECT, frame, makeCertificate, startEcho, type EchoServer } from './servers.ts'

const certificate = makeCertificate()
after(() => certificate.remove())

type Headers = Readonly<Record<string, string | string[]>>
type Case = readonly [name: string, headers: Headers, status: number, code: string]
const refusals: Case[] = [
  ['another protocol', { ':protocol': 'connect-udp' }, 501, 'unknown-protocol'],
  ['a protocol in capitals', { ':protocol': 'WebSocket' }, 501, 'unknown-protocol'],
  ['no version', { 'sec-websocket-version': [] }, 400, 'bad-version'],
  ...['8', '13, 8', '+13', ''].map((version): Case => [
    `version "${version}"`,
    { 'sec-websocket-version': version },
    400,
    'bad-version',
  ]),
  ['a Host that is not the authority', { ':authority': 'here', host: 'elsewhere' }, 400, 'bad-host'],
  ['two subprotocols that are one', { 'sec-websocket-protocol': 'a, a' }, 400, 'bad-protocols'],
  ['a subprotocol with a space', { 'sec-websocket-protocol': 'a b' }, 400, 'bad-protocols'],
  ['a malformed extension', { 'sec-websocket-extensions': 'a; b="' }, 400, 'bad-extensions'],
  ['an Origin that is not ASCII', { origin: 'http://\u00e9' }, 400, 'non-ascii-header'],
  [
    '100 headers more',
    Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'y'])),
    431,
    'too-many-headers',
  ],
]

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** A frame of HTTP/2 (RFC 9113 §4.1). */
function h2(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const [HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION] = [1, 3, 4, 6, 7, 9]
const END_HEADERS = 4

/** A header of a block that indexes nothing (RFC 7541 §6.2.2), of at most 126 bytes each. */
const literal = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)])

const CONNECT_BLOCK: Buffer = Buffer.concat(
  [[':scheme', 'http'], [':authority', 'a'], ...Object.entries(CONNECT)]
    .toSorted(([a], [b]) => Number(b!.startsWith(':')) - Number(a!.startsWith(':')))
    .map(([name, value]) => literal(name!, value!)),
)

/** Frames by hand, and those of the server. */
class FramePeer {
  readonly socket: Socket
  private received: Buffer = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      this.wake()
    })
    socket
      .on('error', () => {})
      .on('close', () => {
        this.ended = true
        this.wake()
      })
  }

  write(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** The next frame of the type; undefined when the connection has ended without one. */
  async next(type: number): Promise<{ stream: number; payload: Buffer } | undefined> {
    for (;;) {
      while (this.received.length < 9 || this.received.length < 9 + this.received.readUIntBE(0, 3)) {
        if (this.ended) return undefined
        await new Promise<void>((resolve) => (this.wake = resolve))
      }
      const length = this.received.readUIntBE(0, 3)
      const found = this.received[3] === type
      const stream = this.received.readUInt32BE(5)
      const payload = this.received.subarray(9, 9 + length)
      this.received = this.received.subarray(9 + length)
      if (found) return { stream, payload }
    }
  }
}

for (const secure of [false, true]) {
  describe(`hostile HTTP/2 ${secure ? 'over TLS' : 'in cleartext'}`, () => {
    let server: EchoServer
    let bystander: Bystander
    before(async () => {
      server = await startEcho({ http2: true, certificate: secure ? certificate : undefined })
      bystander = await Bystander.join(server, certificate.cert)
    })
    after(async () => {
      bystander.leave()
      await server.stop()
    })

    const session = (): ClientHttp2Session =>
      connectHttp2(server.url.replace('ws', 'http'), { ca: certificate.cert }).on('error', () => {})
    const peer = async (settings: Buffer = h2(SETTINGS, 0, 0)): Promise<FramePeer> => {
      const target = { port: server.port, host: '127.0.0.1', allowHalfOpen: true }
      const socket = secure
        ? connectTls({ ...target, ca: certificate.cert, ALPNProtocols: ['h2'] })
        : connect(target)
      await once(socket, secure ? 'secureConnect' : 'connect')
      const made = new FramePeer(socket)
      made.write(PREFACE, settings)
      return made
    }
    const answerTo = async (
      headers: Headers,
    ): Promise<{ status: unknown; fields: Headers; body: string }> => {
      const client = session()
      await once(client, 'remoteSettings')
      const stream = client.request({ ...CONNECT, ...headers }, { endStream: false })
      const [fields] = await once(stream, 'response')
      let body = ''
      for await (const chunk of stream.setEncoding('utf8')) body += chunk
      client.destroy()
      assert((await bystander.check()) < 1000)
      return { status: fields[':status'], fields, body }
    }

    for (const [name, headers, status, code] of refusals) {
      test(`${name}: ${status} ${code}`, async () => {
        const answer = await answerTo(headers)
        assert.deepEqual([answer.status, answer.body], [status, code])
        assert.equal(answer.fields['sec-websocket-version'], code === 'bad-version' ? '13' : undefined)
      })
    }

    test('headers that the library refuses: the stream is reset', async () => {
      for (const headers of [
        Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`x-${n}`, 'y'])),
        { x: 'y'.repeat(20_000) },
      ]) {
        const client = session()
        // Node holds the client to the announced limit once it is acknowledged, and to 64 KiB before.
        await new Promise((resolve) => client.once('remoteSettings', () => client.ping(resolve)))
        const stream = client.request({ ...CONNECT, ...headers }, { endStream: false })
        await once(stream, 'close').catch(() => {})
        assert.equal(stream.rstCode, constants.NGHTTP2_ENHANCE_YOUR_CALM)
        client.destroy()
        await bystander.check()
      }
    })

    test('frames by hand: a WebSocket, byte by byte', async () => {
      const client = await peer()
      const bytes = Buffer.concat([
        h2(HEADERS, END_HEADERS, 1, CONNECT_BLOCK),
        h2(0, 0, 1, frame(0x81, 'Grü')),
        h2(0, 1, 1, frame(0x88)),
      ])
      for (const byte of bytes) {
        client.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      assert.equal((await client.next(HEADERS))?.stream, 1)
      let data = ''
      while (data.length < 16) data += (await client.next(0))!.payload.toString('hex')
      assert.equal(data, '81044772c3bc8800')
      assert.equal(await server.echo.nextCode(), 1005)
      client.socket.destroy()
    })

    test('a peer that grants no window is held at the high-water mark and then let go', async () => {
      const slow = await startEcho({
        http2: true,
        certificate: secure ? certificate : undefined,
        stallTimeoutMs: 200,
      })
      const target = { port: slow.port, host: '127.0.0.1' }
      const socket = secure
        ? connectTls({ ...target, ca: certificate.cert, ALPNProtocols: ['h2'] })
        : connect(target)
      const client = new FramePeer(socket)
      // SETTINGS_INITIAL_WINDOW_SIZE 0
      client.write(PREFACE, h2(SETTINGS, 0, 0, Buffer.from('000400000000', 'hex')))
      client.write(h2(HEADERS, END_HEADERS, 1, CONNECT_BLOCK))
      assert.equal((await client.next(HEADERS))?.stream, 1)
      const message = frame(0x82, Buffer.alloc(16_000))
      for (let n = 0; n < 8; n++) client.write(h2(0, 0, 1, message))
      assert.equal(await slow.echo.nextCode(), 4008)
      const reset = await client.next(RST_STREAM)
      assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_CANCEL)
      socket.destroy()
      await slow.stop()
    })

    test('streams that are opened and reset at once: GOAWAY', async () => {
      const client = await peer()
      const cancel = Buffer.of(0, 0, 0, 8)
      for (let id = 1; id < 2 * 3000 && !client.socket.destroyed; id += 2) {
        client.write(h2(HEADERS, END_HEADERS, id, CONNECT_BLOCK), h2(RST_STREAM, 0, id, cancel))
      }
      assert.notEqual((await client.next(GOAWAY))?.payload.readUInt32BE(4), constants.NGHTTP2_NO_ERROR)
      client.socket.destroy()
      await bystander.check()
    })

    for (const [name, flood] of [
      ['PINGs', h2(PING, 0, 0, Buffer.alloc(8))],
      ['SETTINGS', h2(SETTINGS, 0, 0)],
    ] as const) {
      test(`${name} of a client that does not read: the session is ended`, async () => {
        const client = await peer()
        client.socket.pause()
        const many = Buffer.alloc(1000 * flood.length, flood)
        const pour = (): void => {
          while (!client.socket.destroyed && client.socket.write(many));
        }
        client.socket.on('drain', pour)
        pour()
        await once(client.socket, 'close').catch(() => {})
        await bystander.check()
      })
    }

    test('headers that never end: the session is ended', async () => {
      const client = await peer()
      client.write(h2(HEADERS, 0, 1, CONNECT_BLOCK))
      for (let n = 0; n < 20; n++) client.write(h2(CONTINUATION, 0, 1, literal('x', 'y'.repeat(100))))
      assert.notEqual((await client.next(GOAWAY))?.payload.readUInt32BE(4), constants.NGHTTP2_NO_ERROR)
      client.socket.destroy()
      await bystander.check()
    })

    test('an upgrade of HTTP/1.1 inside HTTP/2 is no request', async () => {
      const client = await peer()
      const fields = {
        ':method': 'GET',
        ':scheme': 'http',
        ':authority': 'a',
        ':path': '/',
        upgrade: 'websocket',
      }
      const block = Buffer.concat(Object.entries(fields).map(([name, value]) => literal(name, value)))
      client.write(h2(HEADERS, END_HEADERS, 1, block))
      const reset = await client.next(RST_STREAM)
      assert.equal(reset?.payload.readUInt32BE(0), constants.NGHTTP2_PROTOCOL_ERROR)
      client.socket.destroy()
    })

    test('a plain CONNECT is no proxy, and a GET no WebSocket', async () => {
      const client = session()
      await once(client, 'remoteSettings')
      const [connected] = await once(
        client.request({ ':method': 'CONNECT', ':authority': 'a:80' }),
        'response',
      )
      assert.equal(connected[':status'], 405)
      const [got] = await once(client.request({ ':path': '/', 'sec-websocket-key': 'x' }), 'response')
      assert.equal(got[':status'], 404)
      client.destroy()
    })

    test('a session that is cut off at every byte of a handshake', async () => {
      const other = await startEcho({ http2: true, certificate: secure ? certificate : undefined })
      const bytes = Buffer.concat([PREFACE, h2(SETTINGS, 0, 0), h2(HEADERS, END_HEADERS, 1, CONNECT_BLOCK)])
      const target = { port: other.port, host: '127.0.0.1' }
      for (let length = 1; length < bytes.length; length += secure ? 19 : 3) {
        const socket = secure
          ? connectTls({ ...target, ca: certificate.cert, ALPNProtocols: ['h2'] })
          : connect(target)
        await once(socket, secure ? 'secureConnect' : 'connect')
        await new Promise((resolve) => socket.write(bytes.subarray(0, length), resolve))
        socket.destroy()
      }
      const witness = await Bystander.join(other, certificate.cert)
      await witness.check()
      assert.deepEqual(other.echo.closed, [])
      witness.leave()
      await other.stop()
    })
  })
}
