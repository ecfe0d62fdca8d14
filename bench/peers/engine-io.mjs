/** engine.io, the transport below Socket.IO: a bare broadcast, and an echo. */
import { createServer } from 'node:http'
import { Server } from 'engine.io'
import { channelsOf, Followers, serve } from './control.mjs'

const http = createServer()
const followers = new Followers()
const server = new Server({ perMessageDeflate: false, pingInterval: 600_000 })
server.attach(http)
server.on('connection', (socket) => {
  const channels = channelsOf(socket.request.url)
  followers.add(channels, socket)
  socket.on('message', (data) => socket.send(data))
  socket.on('close', () => followers.remove(channels, socket))
})
await new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))

serve(http.address().port, (text, channel) => {
  for (const socket of followers.of(channel)) socket.send(text)
})
