/** The lane in front of node:http hands connections on whole, in whatever state they are. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createDualServer } from './dual-server.ts'

type Request = (request: IncomingMessage, response: ServerResponse) => void

/** A server whose door takes what begins with /own; the rest is answered by node:http. */
const serve = async (t: TestContext, request: Request): Promise<() => Socket> => {
  const server = createDualServer({
    door: {
      owns: (url) => url.startsWith('/own'),
      request,
      upgrade: (_request, socket) => socket.destroy(),
    },
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('request', (asked, response) => response.end(`node:http has ${asked.url}`))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return () => {
    const client = connect({ port, host: '127.0.0.1' })
    t.after(() => client.destroy())
    return client
  }
}

const get = (url: string, connection = 'keep-alive'): string =>
  `GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`

const readAll = async (socket: Socket): Promise<string> => {
  let said = ''
  for await (const chunk of socket.setEncoding('latin1')) said += chunk
  return said
}

test('what is handed on is answered behind an answer that the kernel has not taken yet', async (t) => {
  const large = 'x'.repeat(8_000_000)
  const asked = Promise.withResolvers<Socket>()
  const dial = await serve(t, (request, response) => {
    response.end(Buffer.from(large))
    asked.resolve(request.socket)
  })
  const client = dial()
  client.write(get('/own'))
  const served = await asked.promise
  assert.ok(served.writableLength > 0, 'the answer is under way')
  client.write(get('/other', 'close'))
  const said = await readAll(client)
  const [, first, second] = said.split('HTTP/1.1 200 OK\r\n')
  assert.ok(first?.endsWith(`\r\n\r\n${large}`))
  assert.ok(second?.includes('node:http has /other'))
})

test('a connection that goes while it is answered is over, whatever came behind the request', async (t) => {
  const held = Promise.withResolvers<[Socket, ServerResponse]>()
  let cut = (): void => undefined
  const dial = await serve(t, (request, response) => {
    if (request.url === '/own/held') return held.resolve([request.socket, response])
    // While an event is told: what waits is looked at before the end of the other connection is told.
    cut()
    response.end(Buffer.from('answered'))
  })
  const client = dial()
  client.write(get('/own/held'))
  const [socket, response] = await held.promise
  const more = get('/own/more') + get('/other')
  client.write(more)
  while (socket.bytesRead < get('/own/held').length + more.length) await new Promise(setImmediate)
  cut = () => {
    socket.destroy()
    response.end(Buffer.from('too late'))
  }
  const other = dial()
  other.write(get('/own/other'))
  const [answer] = (await once(other, 'data')) as [Buffer]
  assert.match(answer.toString(), /answered$/)
  other.end()
  await once(other, 'close')
})
