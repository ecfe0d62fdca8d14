/** uWebSockets, with its native publish; and an echo. Its addon is built for Node 20. */
import uws from '@trufflesuite/uws-js-unofficial'
import { channelOf, serve } from './control.mjs'

const app = uws.App()
app.ws('/*', {
  compression: uws.DISABLED,
  idleTimeout: 960,
  maxBackpressure: 64 * 1024 * 1024,
  upgrade: (response, request, context) => {
    response.upgrade(
      { channel: channelOf(`${request.getUrl()}`) },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    )
  },
  open: (socket) => void socket.subscribe(`${socket.channel}`),
  message: (socket, message, isBinary) => void socket.send(message, isBinary),
})
app.listen('127.0.0.1', 0, (listening) => {
  serve(uws.us_socket_local_port(listening), (text, channel) => void app.publish(`${channel}`, text, false))
})
