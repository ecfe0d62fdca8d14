/** uWebSockets, with its native publish; and an echo. Its addon is built for Node 20. */
import uws from '@trufflesuite/uws-js-unofficial'
import { channelsOf, serve, settings } from './control.mjs'

const { tls, deflate } = settings
const app = tls ? uws.SSLApp({ cert_file_name: tls.cert, key_file_name: tls.key }) : uws.App()
app.ws('/*', {
  compression: deflate ? uws.SHARED_COMPRESSOR : uws.DISABLED,
  idleTimeout: 960,
  maxBackpressure: 64 * 1024 * 1024,
  upgrade: (response, request, context) => {
    response.upgrade(
      { channels: channelsOf(request.getUrl()) },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    )
  },
  open: (socket) => {
    for (const channel of socket.channels) socket.subscribe(channel)
  },
  message: (socket, message, isBinary) => void socket.send(message, isBinary),
})
app.listen('127.0.0.1', 0, (listening) => {
  serve(
    uws.us_socket_local_port(listening),
    (text, channel) => void app.publish(`${channel}`, text, false, deflate),
  )
})
