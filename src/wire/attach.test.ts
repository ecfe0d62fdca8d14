import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { attach, type AttachOptions, type UpgradeRequest } from './attach.ts'
import { dial } from './dial.ts'
import { createDualServer } from './dual-server.ts'
import type { SocketHandler } from './handler.ts'
import { HANDSHAKE, RawClient } from './peers.test.ts'

const echo: SocketHandler = { message: (socket, data) => void socket.send(data) }

async function listening(context: TestContext, server: Server | Http2Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** One text there and back. */
async function roundTrip(url: string, http2 = false): Promise<string | Uint8Array> {
  const connection = await dial(url, { http2 })
  connection.send('ping')
  for await (const message of connection) {
    connection.close(1000)
    await connection.closed
    return message
  }
  throw new Error('nothing came back')
}

/** How a dial was refused. */
async function refusal(url: string, http2 = false): Promise<unknown> {
  const { status, headers } = (await dial(url, { http2 }).catch((error: unknown) => error)) as {
    status: number
    headers: Record<string, string>
  }
  return headers['x-why'] === undefined ? status : [status, headers['x-why']]
}

const options: AttachOptions = {
  path: '/chat',
  handler: echo,
  judge: async ({ url, headers }: UpgradeRequest) => {
    await Promise.resolve()
    if (url.includes('throw')) throw new Error('judge')
    return url.includes('no') ? { status: 403, headers: { 'x-why': headers.host ?? '' } } : undefined
  },
}

test('HTTP/1.1: one path is served, judged, and the rest left alone', async (context) => {
  const http = createServer((_request, response) => response.end('yours'))
  const host = await listening(context, http)
  const opened: UpgradeRequest[] = []
  const faults: unknown[] = []
  const stop = attach(http, {
    ...options,
    open: (_connection, request) => opened.push(request),
    onError: (error) => faults.push((error as Error).message),
  })
  assert.equal(await roundTrip(`ws://${host}/chat?room=1`), 'ping')
  const [{ url, httpVersion, remoteAddress } = {} as UpgradeRequest] = opened
  assert.deepEqual([url, httpVersion, remoteAddress], ['/chat?room=1', '1.1', '127.0.0.1'])
  assert.deepEqual(await refusal(`ws://${host}/chat?no`), [403, host])
  assert.equal(await refusal(`ws://${host}/chat?throw`), 500)
  assert.deepEqual(faults, ['judge'])
  assert.equal(await refusal(`ws://${host}/other`), 404)
  assert.equal(await (await fetch(`http://${host}/chat`)).text(), 'yours')
  const bad = new RawClient(Number(host.split(':')[1]))
  bad.write(HANDSHAKE.replace('/ HTTP', '/chat HTTP').replace('Version: 13', 'Version: 12'))
  assert.match(await bad.answer(), /^HTTP\/1\.1 426 [^]*Sec-WebSocket-Version: 13/)
  stop()
  const after = httpRequest(`http://${host}/chat`, {
    headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
  })
  const [answer] = (await once(after.end(), 'response')) as [{ statusCode: number; resume(): void }]
  answer.resume()
  assert.equal(answer.statusCode, 200)
})

test('two of them share a server, each with a path of its own', async (context) => {
  const http = createServer()
  const host = await listening(context, http)
  attach(http, { path: '/a', handler: echo })
  attach(http, { path: '/b', handler: { message: (socket) => void socket.send('b') } })
  assert.equal(await roundTrip(`ws://${host}/a`), 'ping')
  assert.equal(await roundTrip(`ws://${host}/b`), 'b')
  assert.equal(await refusal(`ws://${host}/c`), 404)
})

test('HTTP/2: the same, beside ordinary requests and a CONNECT that is none of ours', async (context) => {
  const http = createHttp2Server({ settings: { enableConnectProtocol: true } }, (_request, response) => {
    response.end('yours')
  })
  const host = await listening(context, http)
  attach(http, options)
  assert.equal(await roundTrip(`ws://${host}/chat`, true), 'ping')
  assert.deepEqual(await refusal(`ws://${host}/chat?no`, true), [403, host])
  assert.equal(await refusal(`ws://${host}/other`, true), 404)
  const session = connect(`http://${host}`)
  context.after(() => session.destroy())
  const statusOf = async (headers: Record<string, string>): Promise<unknown> => {
    const stream = session.request(headers)
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>]
    stream.close()
    return answer[':status']
  }
  assert.equal(await statusOf({ ':path': '/chat' }), 200)
  assert.equal(await statusOf({ ':method': 'CONNECT', ':authority': 'elsewhere:1' }), 405)
})

test('a CONNECT to be a proxy is refused on every server of HTTP/2, also where nobody takes requests', async (context) => {
  for (const http of [
    createDualServer(),
    createHttp2Server({ settings: { enableConnectProtocol: true } }),
  ] as Server[]) {
    const host = await listening(context, http)
    attach(http, { handler: echo })
    const session = connect(`http://${host}`)
    context.after(() => session.destroy())
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'elsewhere:1' })
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>]
    assert.equal(answer[':status'], 405)
    assert.equal(await roundTrip(`ws://${host}/`, true), 'ping')
  }
})

test('a client that leaves while it is judged leaves nothing behind', async (context) => {
  const http = createServer()
  const host = await listening(context, http)
  const judged = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const opened: unknown[] = []
  attach(http, {
    open: (connection) => opened.push(connection),
    judge: async () => {
      asked.resolve()
      await judged.promise
      return undefined
    },
  })
  const closed = Promise.withResolvers<void>()
  http.on('connection', (socket) => socket.on('close', () => closed.resolve()))
  const client = new RawClient(Number(host.split(':')[1])).write(HANDSHAKE)
  await asked.promise
  client.socket.resetAndDestroy()
  await closed.promise
  judged.resolve()
  await new Promise(setImmediate)
  assert.deepEqual(opened, [])
})
