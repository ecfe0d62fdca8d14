/** Faye: Bayeux channels over its WebSocket. */
import { createServer } from 'node:http'
import faye from 'faye'
import { serve } from './control.mjs'

const http = createServer()
const bayeux = new faye.NodeAdapter({ mount: '/faye', timeout: 45 })
bayeux.attach(http)
await new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))
const client = bayeux.getClient()

serve(http.address().port, (text, channel) => client.publish(`/bench/${channel}`, JSON.parse(text)))
