/** The node under measurement, the full path: channels, offsets, history, recovery. */
import { readFileSync } from 'node:fs'
import { createServer } from 'holdfast/server'
import { serve, settings } from './control.mjs'

const { keeps = 10_000, history = 0, deflate = false, tls } = settings
const server = createServer({
  limits: {
    connectionsPerAddress: Infinity,
    acceptsPerSecond: Infinity,
    commandsPerSecond: Infinity,
    commandBurst: Infinity,
    // The load answers no pings; the others send none either.
    pingIntervalMs: 600_000,
    pollMinMs: 100,
    pollMaxMs: 100,
  },
  deflate,
  rules: [{ pattern: '*', retention: { count: keeps, bytes: 64 * 1024 * 1024 } }],
})
await server.publish('bench', 'first')
// How much of it there is before anybody comes.
for (let kept = 1; kept < history; kept++) await server.publish('bench', kept)
const { port } = await server.listen(
  tls && { tls: { cert: readFileSync(tls.cert), key: readFileSync(tls.key) } },
)

serve(port, (text, channel) => server.publish(channel === 0 ? 'bench' : `bench/${channel}`, JSON.parse(text)))
