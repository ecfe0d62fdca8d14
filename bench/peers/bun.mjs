/** Bun's own WebSocket, with its native publish; and an echo. */
import { channelOf, serve } from './control.mjs'

const server = globalThis.Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request, server) {
    return server.upgrade(request, { data: { channel: channelOf(request.url) } })
      ? undefined
      : new Response(null, { status: 400 })
  },
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 960,
    open: (socket) => socket.subscribe(`${socket.data.channel}`),
    message: (socket, message) => void socket.send(message),
  },
})

serve(server.port, (text, channel) => server.publish(`${channel}`, text))
