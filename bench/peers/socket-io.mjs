/** Socket.IO over WebSocket or its long polling: a room for each channel, and publications that are acknowledged. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { channelsOf, serve } from './control.mjs'

const http = createServer()
const io = new Server(http, { serveClient: false, perMessageDeflate: false, pingInterval: 600_000 })
io.on('connection', (socket) => {
  void socket.join(channelsOf(socket.handshake.url))
  socket.on('publish', (data, acknowledge) => {
    io.to('published').emit('publication', data)
    acknowledge()
  })
})
await new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))

serve(http.address().port, (text, channel) => io.to(`${channel}`).emit('publication', JSON.parse(text)))
