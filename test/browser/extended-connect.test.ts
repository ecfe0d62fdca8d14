/**
 * Chromium's WebSocket over HTTP/2: on the session that the page came over, because the server says that it accepts
 * that (RFC 8441 §3).
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { accept, acceptStream, createDualServer, type SocketHandler } from 'holdfast/websocket'
import { certificate } from '../server/certificate.ts'
import { launch } from './browser.ts'

test('a page that came over HTTP/2 opens its WebSockets on the same session', async (context) => {
  const closed: number[] = []
  const handler: SocketHandler = {
    message: (socket, data) => void socket.send(data),
    close: (_socket, code) => void closed.push(code),
  }
  const options = { handler, protocols: ['echo.v1'], deflate: true, maxPayloadBytes: 4_000_000 }
  const versions: string[] = []
  const server = createDualServer({ tls: certificate() })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    versions.push(request.httpVersion)
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>WebSocket</title>')
  })
  server.on('upgrade', (request, socket, head) => {
    versions.push('upgrade')
    accept(request, socket, head, options)
  })
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders: string[]) => {
    if (headers[':method'] !== 'CONNECT') return
    versions.push('stream')
    acceptStream(stream, rawHeaders, options)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const browser = await launch('whole')
  context.after(() => browser.close())
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  await page.goto(`https://127.0.0.1:${port}/`)
  const outcome = await page.evaluate(async (url) => {
    const converse = async (n: number) => {
      const socket = new WebSocket(url, ['other', 'echo.v1'])
      socket.binaryType = 'arraybuffer'
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve)
        socket.addEventListener('error', () => reject(new Error('it did not open')))
      })
      const answers: unknown[] = []
      const all = new Promise<void>((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          answers.push(typeof data === 'string' ? data.length : data.byteLength)
          if (answers.length === 4) resolve()
        })
      })
      for (const data of ['', 'Grüße', 'é'.repeat(1_000_000), new Uint8Array(3_000_000)]) socket.send(data)
      await all
      const ended = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve))
      socket.close(4000 + n, 'done')
      const { code, reason, wasClean } = await ended
      return [socket.protocol, socket.extensions, answers, code, reason, wasClean]
    }
    const entry = performance.getEntriesByType('navigation')[0] as PerformanceResourceTiming
    return { pageOver: entry.nextHopProtocol, conversations: await Promise.all([0, 1, 2, 3].map(converse)) }
  }, `wss://127.0.0.1:${port}/echo`)
  assert.equal(outcome.pageOver, 'h2')
  for (const [n, conversation] of outcome.conversations.entries()) {
    const [protocol, extensions, ...rest] = conversation
    assert.equal(protocol, 'echo.v1')
    assert.match(extensions as string, /^permessage-deflate/)
    assert.deepEqual(rest, [[0, 5, 1_000_000, 3_000_000], 4000 + n, 'done', true])
  }
  assert.equal(versions.filter((version) => version === 'stream').length, 4)
  assert.equal(versions.includes('upgrade'), false)
  assert.deepEqual(
    closed.toSorted((a, b) => a - b),
    [4000, 4001, 4002, 4003],
  )
})
