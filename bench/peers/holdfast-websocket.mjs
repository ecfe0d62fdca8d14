/** `holdfast/websocket` alone, as the others are here: a bare broadcast to whoever came for a channel, and an echo. */
import { createServer } from 'node:http'
import { accept, broadcast } from 'holdfast/websocket'
import { channelsOf, Followers, serve } from './control.mjs'

const followers = new Followers()
const handler = {
  message: (connection, data) => void connection.send(data),
  close: (connection) => followers.remove(connection.data, connection),
}
const server = createServer()
server.on('upgrade', (request, socket, head) => {
  const connection = accept(request, socket, head, { handler, pingIntervalMs: 600_000 })
  connection.data = channelsOf(request.url)
  followers.add(connection.data, connection)
})
await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))

serve(server.address().port, (text, channel) => broadcast(followers.of(channel), text))
