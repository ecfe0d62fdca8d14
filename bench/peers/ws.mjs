/** `ws`: a bare broadcast to whoever came for a channel, without offsets, history or recovery; and an echo. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { WebSocketServer } from 'ws'
import { channelsOf, Followers, serve, settings } from './control.mjs'

const { tls, deflate } = settings
const http = tls
  ? createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) })
  : createServer()
const followers = new Followers()
const server = new WebSocketServer({
  server: http,
  // As Holdfast has it by default.
  perMessageDeflate: deflate === true && {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    zlibDeflateOptions: { level: 3 },
  },
})
server.on('connection', (connection, { url }) => {
  const channels = channelsOf(url)
  followers.add(channels, connection)
  connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary }))
  connection.on('close', () => followers.remove(channels, connection))
})
await new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))

serve(http.address().port, (text, channel) => {
  const message = Buffer.from(text)
  for (const connection of followers.of(channel)) connection.send(message, { binary: false })
})
