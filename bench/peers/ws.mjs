/** `ws`: a bare broadcast to whoever came for a channel, without offsets, history or recovery; and an echo. */
import { WebSocketServer } from 'ws'
import { channelOf, Followers, serve } from './control.mjs'

const followers = new Followers()
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, backlog: 4_096 })
server.on('connection', (connection, { url }) => {
  followers.add(channelOf(url), connection)
  connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary }))
  connection.on('close', () => followers.remove(channelOf(url), connection))
})
await new Promise((resolve) => server.once('listening', resolve))

serve(server.address().port, (text, channel) => {
  const message = Buffer.from(text)
  for (const connection of followers.of(channel)) connection.send(message, { binary: false })
})
