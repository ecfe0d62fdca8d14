/**
 * A proxy that opens tunnels (CONNECT), over HTTP or HTTPS, and misbehaves when it is told to. It resolves names by a
 * table, as if they were names of another network, and counts what it was asked.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ConnectProxyOptions {
  /** With it the proxy itself is spoken to over TLS. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer }
  /** `user:password` that a client has to show. */
  readonly credentials?: string
  /** What it answers every tunnel with instead of opening one. */
  readonly refuseWith?: number
  /** Where a port of the other network's leads; the same port by default. */
  readonly ports?: Readonly<Record<number, number>>
}

export interface ConnectProxy {
  readonly url: string
  /** The targets that were asked for, as they were written. */
  readonly asked: string[]
  close(): Promise<void>
}

export const startConnectProxy = async (options: ConnectProxyOptions = {}): Promise<ConnectProxy> => {
  const { certificate } = options
  const server: Server = certificate === undefined ? createServer() : createSecureServer(certificate)
  const asked: string[] = []
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    asked.push(request.url as string)
    client.on('error', () => undefined)
    const status = judge(request, options)
    if (status !== 200) {
      const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="a"\r\n' : ''
      client.end(`HTTP/1.1 ${status} No\r\n${challenge}Content-Length: 2\r\n\r\nno`)
      return
    }
    const port = Number(/:(\d+)$/.exec(request.url as string)?.[1])
    const upstream = connect(options.ports?.[port] ?? port, '127.0.0.1')
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    upstream.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
  })
  return { asked, ...(await listen(server, certificate === undefined ? 'http' : 'https')) }
}

const judge = (request: IncomingMessage, { credentials, refuseWith = 200 }: ConnectProxyOptions): number => {
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  if (expected !== undefined && request.headers['proxy-authorization'] !== expected) return 407
  return refuseWith
}

/** Something that answers every connection with these bytes, or with nothing, and never opens a tunnel. */
export const startFalseProxy = async (bytes: string): Promise<Omit<ConnectProxy, 'asked'>> =>
  listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.write(bytes))
    }),
    'http',
  )

const listen = async (
  server: ReturnType<typeof createTcpServer>,
  scheme: string,
): Promise<Omit<ConnectProxy, 'asked'>> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
