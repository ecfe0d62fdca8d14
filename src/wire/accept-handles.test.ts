/** Where a connection can live on its handle it does; where not, it is a Socket, and nothing else differs. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type ListenOptions, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { acceptHandles } from './accept-handles.ts'
import { TcpSocket } from './tcp-socket.ts'

/** What the server is given of a connection. */
const served = async (t: TestContext, server: Server, options: ListenOptions): Promise<Socket> => {
  await once(server.listen(options), 'listening')
  const address = server.address() as AddressInfo | string
  const client = typeof address === 'string' ? connect(address) : connect(address.port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  t.after(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  return socket
}

const LOCAL = { port: 0, host: '127.0.0.1' }

test('connections over TCP do', async (t) => {
  const server = createServer()
  assert.equal(acceptHandles(server), true)
  assert.ok((await served(t, server, LOCAL)) instanceof TcpSocket)
})

test('they do not wait to send what is small (TCP_NODELAY), whoever has set it', async (t) => {
  const server = createServer()
  acceptHandles(server)
  const { handle } = (await served(t, server, LOCAL)) as unknown as { handle: { fd: number } }
  const script = 'import socket as s; print(s.socket(fileno=3).getsockopt(s.IPPROTO_TCP, s.TCP_NODELAY))'
  const python = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', handle.fd] })
  assert.equal((await text(python.stdout!)).trim(), '1')
})

test('also when a server listens again', async (t) => {
  const server = createServer()
  acceptHandles(server)
  await once(server.listen(LOCAL), 'listening')
  await new Promise((resolve) => server.close(resolve))
  assert.ok((await served(t, server, LOCAL)) instanceof TcpSocket)
})

test('connections over a path are Sockets', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-path-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = createServer()
  acceptHandles(server)
  assert.ok((await served(t, server, { path: join(folder, 'socket') })) instanceof Socket)
})

test('a server that counts its connections has Sockets', async (t) => {
  const server = createServer()
  server.maxConnections = 5
  acceptHandles(server)
  assert.ok((await served(t, server, LOCAL)) instanceof Socket)
})
