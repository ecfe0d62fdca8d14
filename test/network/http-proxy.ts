/**
 * HTTP proxies that spoil WebSockets as real ones do: one passes requests on without their upgrade headers, one
 * accepts the upgrade and then says nothing.
 */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export interface HttpProxy {
  readonly url: string
  close(): Promise<void>
}

/** Strips `Upgrade`: what arrives at the node is a plain GET. */
export const stripUpgrade = (port: number): Promise<HttpProxy> =>
  listen(port, (server) => {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      const { upgrade: _upgrade, connection: _connection, ...headers } = request.headers
      const passed = httpRequest({ port, path: request.url, method: 'GET', headers }, (answer) => {
        socket.write(
          `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        )
        socket.end()
        answer.resume()
      })
      passed.on('error', () => socket.destroy())
      passed.end()
    })
  })

/** Accepts the WebSocket and never says a word. */
export const swallowWebSocket = (port: number): Promise<HttpProxy> =>
  listen(port, (server) => {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
      const accept = createHash('sha1').update(key).digest('base64')
      const protocol = request.headers['sec-websocket-protocol']
      const line = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${line}Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.on('error', () => undefined)
      socket.on('end', () => socket.end())
      socket.resume()
    })
  })

const listen = async (port: number, spoil: (server: Server) => void): Promise<HttpProxy> => {
  const server = createServer((request, response) => passOn(port, request, response))
  spoil(server)
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (_request, socket: Duplex) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of upgraded) socket.destroy()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Everything else is passed on as it comes, in both directions. */
const passOn = (port: number, request: IncomingMessage, response: ServerResponse): void => {
  const { method, headers, url: path } = request
  const passed = httpRequest({ port, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode as number, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  passed.on('error', () => response.destroy())
  response.on('close', () => passed.destroy())
  request.pipe(passed)
}
