/**
 * Not a WebSocket server: the least that can be done with Node's `http` and `net`, so that a figure can be held against
 * what no implementation on top of them gets below. It judges nothing: every upgrade gets the same answer, and every
 * read is taken for one masked message of less than 64 KiB.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ACCEPT } from './connection.ts'
import { serveMeasurements } from './control.ts'

const ANSWER =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`

const sockets = new Set<Duplex>()

function echo(this: Duplex, chunk: Buffer): void {
  const short = chunk[1]! & 0x7f
  const mask = short < 126 ? 2 : 4
  const answer = Buffer.allocUnsafe(chunk.length - 4)
  answer[0] = chunk[0]!
  answer[1] = short
  if (short === 126) answer.writeUInt16BE(chunk.readUInt16BE(2), 2)
  for (let at = mask; at < answer.length; at++) answer[at] = chunk[at + 4]! ^ chunk[mask + ((at - mask) & 3)]!
  this.write(answer)
}

function end(this: Duplex): void {
  sockets.delete(this)
  this.end()
}

const server = createServer()
server.on('upgrade', (_request, socket) => {
  sockets.add(socket)
  socket.write(ANSWER, 'latin1')
  socket.on('data', echo).on('end', end).on('error', end)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

serveMeasurements((server.address() as AddressInfo).port, (payload) => {
  const body = Buffer.from(payload)
  const header = body.length < 126 ? [0x81, body.length] : [0x81, 126, body.length >> 8, body.length & 255]
  const frame = Buffer.concat([Buffer.from(header), body])
  for (const socket of sockets) socket.write(frame)
})
