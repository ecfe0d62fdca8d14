/** The peer: `ws` doing a bare broadcast, without channels, offsets, history or recovery. */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { serveMeasurements } from './measurements.ts'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
await new Promise((resolve) => server.once('listening', resolve))

serveMeasurements((server.address() as AddressInfo).port, (payload) => {
  const message = Buffer.from(JSON.stringify(payload))
  for (const client of server.clients) client.send(message, { binary: false })
})
