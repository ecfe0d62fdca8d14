/** The node under measurement, the full path: channels, offsets, history, recovery. */
import { createServer } from 'holdfast/server'
import { serve } from './control.mjs'

const server = createServer({
  limits: {
    connectionsPerAddress: Infinity,
    acceptsPerSecond: Infinity,
    commandsPerSecond: Infinity,
    commandBurst: Infinity,
    pollMinMs: 100,
    pollMaxMs: 100,
  },
  rules: [{ pattern: '*', retention: { count: 10_000 } }],
})
await server.publish('bench', 'first')
// How much of it there is before anybody comes.
for (let kept = 1; kept < Number(process.argv[2] ?? 0); kept++) await server.publish('bench', kept)
const { port } = await server.listen()

serve(port, (text, channel) => {
  void server.publish(channel === 0 ? 'bench' : `bench/${channel}`, JSON.parse(text))
})
