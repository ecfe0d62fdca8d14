/** From `server.publish` to a subscriber's handler over a WebSocket, one publication at a time, at a steady pace. */
import { setTimeout as pass } from 'node:timers/promises'
import { type Broker, createServer } from 'holdfast/server'
import { connect } from 'holdfast'
import { DATA } from './store.ts'

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
}

export const deliver = async (broker: Broker, count: number): Promise<Latency> => {
  const server = createServer({ broker })
  const { url } = await server.listen()
  const client = connect(url, { transport: 'websocket' })
  const latencies: number[] = []
  let begun = 0
  let arrived = (): void => undefined
  const subscription = client.channel('latency').subscribe({ from: 'now' }, () => arrived())
  await subscription.ready
  for (let i = 0; i < count; i++) {
    const here = new Promise<void>((resolve) => {
      arrived = () => {
        latencies.push(performance.now() - begun)
        resolve()
      }
    })
    begun = performance.now()
    await Promise.all([server.publish('latency', DATA), here])
    await pass(2)
  }
  client.close()
  await server.close()
  latencies.sort((a, b) => a - b)
  return { p50Ms: latencies[count >> 1] ?? 0, p99Ms: latencies[Math.floor(count * 0.99)] ?? 0 }
}
