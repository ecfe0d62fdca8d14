/** SockJS: a bare broadcast over its WebSocket. */
import { createServer } from 'node:http'
import sockjs from 'sockjs'
import { channelsOf, Followers, serve } from './control.mjs'

const followers = new Followers()
const server = sockjs.createServer({ log: () => undefined, heartbeat_delay: 600_000 })
server.on('connection', (connection) => {
  const channels = channelsOf(connection.url)
  followers.add(channels, connection)
  connection.on('data', (text) => connection.write(text))
  connection.on('close', () => followers.remove(channels, connection))
})
const http = createServer()
server.installHandlers(http, { prefix: '/sockjs' })
await new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))

serve(http.address().port, (text, channel) => {
  for (const connection of followers.of(channel)) connection.write(text)
})
