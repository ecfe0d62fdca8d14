/** The node under measurement: publishes on request, and reports the CPU time that it used. */
import { createServer } from 'holdfast/server'
import { serveMeasurements } from './measurements.ts'

const server = createServer({
  limits: {
    connectionsPerAddress: Infinity,
    acceptsPerSecond: Infinity,
    commandsPerSecond: Infinity,
    pollMinMs: 100,
    pollMaxMs: 100,
  },
  rules: [{ pattern: '*', retention: { count: 10_000 } }],
})
await server.publish('bench', 'first')
const { port } = await server.listen()

serveMeasurements(port, (payload) => void server.publish('bench', payload))
