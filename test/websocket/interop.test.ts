// Our server with clients, and our client with servers, that nobody here wrote: npm ws, undici, the runtime's own
// WebSocket and Debian's python3-websockets.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createInterface } from 'node:readline'
import { dial, type SocketHandler, type WebSocketConnection } from 'holdfast/websocket'
import { WebSocket as UndiciWebSocket } from 'undici'
import { WebSocket as WsWebSocket, WebSocketServer } from 'ws'
import { startEcho, type EchoServer } from './servers.ts'

const TEXTS = [
  '',
  'a',
  'Grüße \u{1F600}',
  'x'.repeat(125),
  'y'.repeat(126),
  'é'.repeat(40_000),
  'z'.repeat(70_000),
]
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 300_000]
const BINARIES = SIZES.map((size) => Buffer.alloc(size, size % 251))

const PYTHON = '/usr/bin/python3'
const hasPython = spawnSync(PYTHON, ['-c', 'import websockets']).status === 0
if (!hasPython && process.env['CI'])
  throw new Error('python3-websockets is missing: apt-get install python3-websockets')
const python = {
  skip: hasPython ? false : 'python3-websockets is not installed: apt-get install python3-websockets',
}

describe('our server', () => {
  let server: EchoServer
  before(async () => (server = await startEcho({ protocols: ['echo.v1'] })))
  after(() => server.stop())

  for (const perMessageDeflate of [false, true]) {
    test(`with the client of ws, deflate ${perMessageDeflate ? 'offered' : 'not offered'}`, async () => {
      const client = new WsWebSocket(server.url, ['other', 'echo.v1'], { perMessageDeflate })
      await once(client, 'open')
      assert.equal(client.protocol, 'echo.v1')
      assert.equal(client.extensions, '')
      for (const sent of [...TEXTS, ...BINARIES]) {
        client.send(sent)
        const [data, isBinary] = await once(client, 'message')
        assert.equal(isBinary, typeof sent !== 'string')
        assert(Buffer.from(sent).equals(data))
      }
      client.ping('hi')
      assert.equal(String((await once(client, 'pong'))[0]), 'hi')
      client.send('frag', { fin: false })
      client.ping()
      client.send('ment', { fin: true })
      assert.equal(String((await once(client, 'message'))[0]), 'fragment')
      client.close(4001, 'bye')
      assert.deepEqual((await once(client, 'close'))[0], 4001)
      assert.deepEqual(server.echo.closed.shift(), { code: 4001, reason: 'bye' })
    })
  }

  for (const [name, Client] of [
    ['undici', UndiciWebSocket],
    ['the runtime', globalThis.WebSocket as unknown as typeof UndiciWebSocket],
  ] as const) {
    test(`with the WebSocket of ${name}`, async () => {
      const client = new Client(server.url, ['echo.v1'])
      client.binaryType = 'arraybuffer'
      await once(client, 'open')
      for (const sent of [...TEXTS, ...BINARIES]) {
        client.send(sent)
        const [event] = (await once(client, 'message')) as [MessageEvent]
        assert.equal(typeof event.data, typeof sent === 'string' ? 'string' : 'object')
        assert(Buffer.from(event.data).equals(Buffer.from(sent)))
      }
      client.close(3000, 'done')
      const [event] = (await once(client, 'close')) as [CloseEvent]
      assert.deepEqual([event.code, event.wasClean], [3000, true])
      assert.deepEqual(server.echo.closed.shift(), { code: 3000, reason: 'done' })
    })
  }

  test('with the client of python3-websockets', python, async () => {
    const script = `
import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1], subprotocols=["echo.v1"], max_size=None) as ws:
        for message in ["", "a", "Gr\\u00fc\\u00dfe", "x" * 126, "\\u00e9" * 40000, b"", b"\\x00" * 65536, b"z" * 300000]:
            await ws.send(message)
            assert await ws.recv() == message
        await ws.send(["frag", "ment", "ed"])
        assert await ws.recv() == "fragmented"
        await (await ws.ping())
        await ws.close(3001, "py")
        print(ws.subprotocol)
asyncio.run(main())`
    const child = spawn(PYTHON, ['-c', script, server.url], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface(child.stdout), 'line')
    assert.equal(line, 'echo.v1')
    assert.deepEqual(server.echo.closed.shift(), { code: 3001, reason: 'py' })
  })
})

/** Hears one answer after the other. */
class Listener implements SocketHandler {
  closed: [code: number, reason: string] | undefined
  private readonly heard: (string | Uint8Array)[] = []
  private wake: () => void = () => {}

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    this.heard.push(data)
    this.wake()
  }

  close(_socket: WebSocketConnection, code: number, reason: string): void {
    this.closed = [code, reason]
    this.wake()
  }

  async next(): Promise<string | Uint8Array> {
    while (this.heard.length === 0) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.heard.shift()!
  }

  async end(): Promise<[number, string]> {
    while (this.closed === undefined) await new Promise<void>((resolve) => (this.wake = resolve))
    return this.closed
  }
}

/** Our client against an echo server that prefers the subprotocol echo.v1. */
async function converse(url: string): Promise<[number, string]> {
  const listener = new Listener()
  const connection = await dial(url, { handler: listener, protocols: ['echo.v1'] })
  assert.equal(connection.protocol, 'echo.v1')
  for (const sent of [...TEXTS, ...BINARIES]) {
    connection.send(sent)
    const heard = await listener.next()
    if (typeof sent === 'string') assert.equal(heard, sent)
    else assert(sent.equals(heard as Uint8Array))
  }
  for (const sent of TEXTS) connection.send(sent)
  for (const sent of TEXTS) assert.equal(await listener.next(), sent)
  connection.close(3002, 'done')
  return listener.end()
}

describe('our client', () => {
  for (const perMessageDeflate of [false, true]) {
    test(`with the server of ws, deflate ${perMessageDeflate ? 'on' : 'off'}`, async (context) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
      context.after(() => server.close())
      const closed = new Promise<[number, string]>((resolve) => {
        server.on('connection', (socket) => {
          socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
          socket.on('close', (code, reason) => resolve([code, String(reason)]))
        })
      })
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      assert.deepEqual(await converse(`ws://127.0.0.1:${port}/`), [3002, 'done'])
      assert.deepEqual(await closed, [3002, 'done'])
    })
  }

  test('with the server of python3-websockets', python, async (context) => {
    const script = `
import asyncio, websockets
async def echo(ws, *path):
    try:
        while True:
            await ws.send(await ws.recv())
    except websockets.ConnectionClosed:
        pass
    print("closed", ws.close_code, ws.close_reason, flush=True)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["echo.v1"], max_size=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())`
    const child = spawn(PYTHON, ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    context.after(() => child.kill())
    const lines = createInterface(child.stdout)
    const [port] = await once(lines, 'line')
    const line = once(lines, 'line')
    assert.deepEqual(await converse(`ws://127.0.0.1:${port}/`), [3002, 'done'])
    assert.deepEqual(await line, ['closed 3002 done'])
  })
})
