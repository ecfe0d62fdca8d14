/** `holdfast/websocket` under measurement: it echoes, and it broadcasts on request. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accept, broadcast, type SocketHandler, type WebSocketConnection } from 'holdfast/websocket'
import { serveMeasurements, serverOptions } from './control.ts'

const connections = new Set<WebSocketConnection>()
const handler: SocketHandler = {
  message: (connection, data) => void connection.send(data),
  close: (connection) => void connections.delete(connection),
}
const options = { handler, ...(serverOptions().deflate && { deflate: { thresholdBytes: 0, level: 3 } }) }

const server = createServer()
server.on('upgrade', (request, socket, head) => {
  connections.add(accept(request, socket, head, options))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

serveMeasurements((server.address() as AddressInfo).port, (payload) => {
  broadcast(connections, payload)
})
