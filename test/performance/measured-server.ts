/** A server whose CPU time is compared: the node with channels, offsets and history, or `ws` with a bare broadcast. */
import type { AddressInfo } from 'node:net'
import { createServer } from 'holdfast/server'
import { WebSocketServer } from 'ws'

export interface Burst {
  readonly publications: number
  /** Published in one turn of the event loop. */
  readonly atOnce: number
}

interface Measured {
  readonly port: number
  publish(data: object): void
}

const holdfast = async (): Promise<Measured> => {
  const limits = { connectionsPerAddress: Infinity, acceptsPerSecond: Infinity }
  const server = createServer({ limits, rules: [{ pattern: '*', retention: { count: 10_000 } }] })
  const { port } = await server.listen()
  return { port, publish: (data) => void server.publish('guard', data) }
}

const bare = async (): Promise<Measured> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  await new Promise<void>((resolve) => void server.once('listening', resolve))
  const publish = (data: object): void => {
    const message = Buffer.from(JSON.stringify(data))
    for (const client of server.clients) client.send(message, { binary: false })
  }
  return { port: (server.address() as AddressInfo).port, publish }
}

const { port, publish } = await (process.argv[2] === 'ws' ? bare() : holdfast())
const data = { text: `@${'x'.repeat(117)}` }

process.on('message', ({ publications, atOnce }: Burst) => {
  const before = process.cpuUsage()
  let left = publications
  const turn = (): void => {
    for (let i = 0; i < atOnce && left > 0; i++, left--) publish(data)
    if (left > 0) return void setImmediate(turn)
    // What the last of them produced leaves at the end of this turn.
    setImmediate(() => {
      const { user, system } = process.cpuUsage(before)
      process.send?.({ cpuMicros: user + system })
    })
  }
  turn()
})
process.once('disconnect', () => process.exit(0))
process.send?.({ port })
