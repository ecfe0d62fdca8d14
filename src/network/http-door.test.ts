// What a proxy that reads HTTP does to requests, answers and upgrades, between real servers and clients.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type Server,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Conditions } from './conditions.ts'
import { HeldBody } from './held-body.ts'
import { NetworkProxy } from './network-proxy.ts'

interface Scene {
  readonly network: NetworkProxy
  readonly server: Server
  readonly port: number
}

const build = async (
  t: TestContext,
  conditions: Partial<Conditions>,
  serve: RequestListener,
): Promise<Scene> => {
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const network = new NetworkProxy({ target: { port: (server.address() as AddressInfo).port }, conditions })
  const { port } = await network.listen()
  t.after(async () => {
    await network.close()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { network, server, port }
}

const ask = async (port: number, options: object = {}, body?: string): Promise<IncomingMessage> => {
  const asked = request({ port, host: '127.0.0.1', ...options }).on('error', () => undefined)
  asked.end(body)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

const textOf = async (answer: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string
  return text
}

const BUFFERED = { buffering: 'responses', bufferBytes: 16 } as const

test('a held body goes on in whole pieces, and the rest with its end', async () => {
  const held = new HeldBody(4)
  const out: string[] = []
  held.on('data', (bytes: Buffer) => out.push(bytes.toString()))
  for (const piece of ['ab', 'c', 'def', 'ghijklm', 'n']) held.write(piece)
  assert.deepEqual(out, ['abcd', 'efghijkl'])
  held.end()
  await once(held, 'end')
  assert.deepEqual(out, ['abcd', 'efghijkl', 'mn'])
})

test('an answer is held back, its head too, until there is enough of it', async (t) => {
  const steps: ((text: string, done: () => void) => void)[] = []
  let finish = (): void => undefined
  const { network, port } = await build(t, BUFFERED, (incoming, response) => {
    if (incoming.url === '/other') return void response.end('other')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    steps.push((text, done) => response.write(text, () => done()))
    finish = () => response.end()
  })
  let headSeen = false
  const answered = ask(port, { path: '/stream' }).then((answer) => {
    headSeen = true
    return answer
  })
  // Another whole exchange passes meanwhile: what could have come would be here.
  const meanwhile = async (): Promise<void> => void (await textOf(await ask(port, { path: '/other' })))
  await meanwhile()
  await new Promise<void>((done) => steps[0]!('0123456789', done))
  await meanwhile()
  assert.equal(headSeen, false)
  await new Promise<void>((done) => steps[0]!('0123456789', done))
  const answer = await answered
  const [first] = (await once(answer, 'data')) as [Buffer]
  assert.equal(first.toString(), '0123456789012345')
  finish()
  assert.equal(await textOf(answer), '6789')
  assert.equal(network.traffic.requests, 3)
})

test('without buffering a head comes before there is a body', async (t) => {
  const { port } = await build(t, { upgrade: 'stripped' }, (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  })
  assert.equal((await ask(port)).statusCode, 200)
})

test('requests and answers arrive as they were, but for what is about one connection', async (t) => {
  const { port } = await build(t, BUFFERED, (incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method, url, headers } = incoming
      response.writeHead(201, 'Made', { 'set-cookie': ['a=1', 'b=2'], 'keep-alive': 'timeout=1' })
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
    })
  })
  const headers = { 'X-A': 'b', te: 'trailers', 'transfer-encoding': 'chunked', host: 'name.example' }
  const answer = await ask(port, { method: 'POST', path: '/p?q=1', headers }, 'body')
  assert.deepEqual([answer.statusCode, answer.statusMessage], [201, 'Made'])
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.notEqual(answer.headers['keep-alive'], 'timeout=1')
  const seen = JSON.parse(await textOf(answer)) as {
    headers: Record<string, string>
    body: string
    url: string
  }
  assert.deepEqual([seen.url, seen.body], ['/p?q=1', 'body'])
  assert.deepEqual(
    [seen.headers['x-a'], seen.headers['host'], seen.headers['te'], seen.headers['transfer-encoding']],
    ['b', 'name.example', undefined, 'chunked'],
  )
})

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

test('a proxy without upgrades passes a plain request on, and its answer', async (t) => {
  const { server, port } = await build(t, { upgrade: 'stripped' }, ({ headers }, response) => {
    response.writeHead(426).end(JSON.stringify(headers))
  })
  server.on('upgrade', () => assert.fail('an upgrade arrived'))
  const answer = await ask(port, { headers: UPGRADE })
  assert.equal(answer.statusCode, 426)
  const seen = JSON.parse(await textOf(answer)) as Record<string, string>
  assert.equal(seen['upgrade'], undefined)
  assert.notEqual(seen['connection'], 'Upgrade')
})

test('a proxy that swallows says yes in the words of RFC 6455 §1.3, and then nothing', async (t) => {
  const { port } = await build(t, { upgrade: 'swallowed' }, () => assert.fail('something arrived'))
  const asked = request({ port, host: '127.0.0.1', headers: UPGRADE })
  asked.end()
  const [answer] = (await once(asked, 'upgrade')) as [IncomingMessage]
  assert.equal(answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  answer.socket.destroy()
})

test('a proxy that buffers lets what was upgraded pass as it comes', async (t) => {
  const { server, port } = await build(t, BUFFERED, () => assert.fail('no upgrade arrived'))
  server.on('upgrade', (_incoming, socket, head: Buffer) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.write(head)
    socket.pipe(socket)
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly')
  let heard = ''
  for await (const chunk of socket.setEncoding('latin1')) {
    heard += chunk as string
    if (heard.endsWith('early')) socket.write('late')
    if (heard.endsWith('late')) break
  }
  assert.match(heard, /^HTTP\/1\.1 101 [^]*\r\n\r\nearlylate$/)
})

test('who reads HTTP is another proxy: a change to it cuts what stands', async (t) => {
  const { network, port } = await build(t, {}, (_incoming, response) => response.end('x'))
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await textOf(await ask(port, { agent }))
  network.change({ delayMs: 1 })
  assert.equal(network.open, 1)
  network.change({ buffering: 'responses' })
  assert.deepEqual([network.open, network.traffic.cuts], [0, 1])
})

test('an answer that breaks off breaks off behind the proxy too, and a target that is gone is a 502', async (t) => {
  const { port, server } = await build(t, BUFFERED, (_incoming, response) => {
    response.writeHead(200).write('0123456789abcdefgh', () => response.destroy())
  })
  await assert.rejects(async () => textOf(await ask(port)))
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  assert.equal((await ask(port)).statusCode, 502)
})

test('a client that goes takes the request behind the proxy with it', async (t) => {
  const gone = Promise.withResolvers<void>()
  const came = Promise.withResolvers<void>()
  const { port } = await build(t, BUFFERED, (_incoming, response) => {
    response.on('close', gone.resolve)
    came.resolve()
  })
  const asked = request({ port, host: '127.0.0.1' }).on('error', () => undefined)
  asked.end()
  await came.promise
  asked.destroy()
  await gone.promise
})
