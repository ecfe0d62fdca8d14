/** Bun's own WebSocket, with its native publish; and an echo. */
import { channelsOf, serve, settings } from './control.mjs'

const { tls, deflate } = settings
const server = globalThis.Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  ...(tls && { tls: { cert: globalThis.Bun.file(tls.cert), key: globalThis.Bun.file(tls.key) } }),
  fetch(request, server) {
    return server.upgrade(request, { data: { channels: channelsOf(request.url) } })
      ? undefined
      : new Response(null, { status: 400 })
  },
  websocket: {
    perMessageDeflate: deflate === true && { compress: 'shared', decompress: 'shared' },
    idleTimeout: 960,
    open: (socket) => {
      for (const channel of socket.data.channels) socket.subscribe(channel)
    },
    message: (socket, message) => void socket.send(message),
  },
})

serve(server.port, (text, channel) => server.publish(`${channel}`, text, deflate))
