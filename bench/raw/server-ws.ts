/** The peer, `ws`, doing the same. */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { serveMeasurements, serverOptions } from './control.ts'

const { deflate } = serverOptions()
const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: deflate && {
    threshold: 0,
    zlibDeflateOptions: { level: 3 },
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
  },
})
server.on('connection', (connection) => {
  connection.on('message', (data, binary) => connection.send(data, { binary }))
})
await new Promise<void>((resolve) => void server.once('listening', resolve))

serveMeasurements((server.address() as AddressInfo).port, (payload) => {
  const message = Buffer.from(payload)
  for (const connection of server.clients) connection.send(message, { binary: false })
})
