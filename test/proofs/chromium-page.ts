/**
 * What runs in the browser for the proof: it follows the channel, keeps what it is given, and reports how far it
 * is. Bundled by the test, served by the node under test.
 */
import { type Client, connect } from 'holdfast'

declare global {
  /** Given by the test. */
  function report(count: number): void
  function follow(url: string, channel: string, transport: never): Promise<void>
  function use(transport: never): Promise<void>
  function outcome(): unknown
}

let client: Client
const received: number[] = []
const byTransport: Record<string, number> = {}
let reporting = false

globalThis.follow = async (url, channel, transport): Promise<void> => {
  client = connect(url, { transport, backoff: { minMs: 5, maxMs: 50 } })
  const subscription = client.channel<number>(channel).subscribe({ from: 'start' }, ({ data }) => {
    received.push(data)
    const { transport: by } = client.state
    byTransport[by] = (byTransport[by] ?? 0) + 1
    if (reporting) return
    reporting = true
    setTimeout(() => {
      reporting = false
      report(received.length)
    })
  })
  await subscription.ready
}

globalThis.use = (transport): Promise<void> => client.use(transport)

globalThis.outcome = (): unknown => ({
  ...client.state.counts,
  delivered: received.length,
  inOrder: received.every((value, index) => value === index),
  byTransport,
})
