/** The bytes that a measured node counts on its sockets are the bytes that the kernel has counted. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { MeasuredGroup } from '../../src/lab/measured-group.ts'
import { nowMicros } from '../../src/lab/machine-clock.ts'

const CLIENTS = 3
const PUBLICATIONS = 60

for (const transport of ['websocket', 'sse', 'long-polling', 'polling'] as const) {
  test(`${transport}: sockets and kernel count the same bytes, and every publication comes once`, async () => {
    // Polls far enough apart that nothing is under way while both are read.
    const group = new MeasuredGroup(transport, { clients: CLIENTS, pollIntervalMs: 1_500 })
    try {
      await group.follow()
      const pace = { perSecond: 200, payloadBytes: 300, startMicros: nowMicros(), until: PUBLICATIONS }
      group.node.tell({ kind: 'keep', pace })
      await untilDelivered(group, CLIENTS * PUBLICATIONS)
      const { node, clients } = await quiet(group)
      assert.deepEqual([clients.lost, clients.duplicated], [0, 0])
      // Nothing has closed, so that the kernel still knows every connection.
      assert.equal(node.open, node.accepted)
      const { port } = await group.node.ready<{ port: number }>()
      const kernel = kernelBytes(port)
      assert.equal(kernel.sockets, node.open)
      assert.deepEqual([node.bytesWritten, node.bytesRead], [kernel.sent, kernel.received])
      assert.ok(node.bytesWritten > 300 * CLIENTS * PUBLICATIONS, `${node.bytesWritten} written`)
    } finally {
      await group.end()
    }
  })
}

const untilDelivered = async (group: MeasuredGroup, wanted: number): Promise<void> => {
  for (;;) {
    const { clients } = await group.read()
    if (clients.delivered === wanted) return
    assert.ok(clients.delivered < wanted)
    await wait(20)
  }
}

/** A reading after which nothing has moved for a moment. */
const quiet = async (group: MeasuredGroup): Promise<Awaited<ReturnType<MeasuredGroup['read']>>> => {
  let before = await group.read()
  for (;;) {
    await wait(100)
    const now = await group.read()
    const moved =
      now.node.bytesRead !== before.node.bytesRead || now.node.bytesWritten !== before.node.bytesWritten
    if (!moved) return now
    before = now
  }
}

/** What TCP says of the connections that were accepted on a port. */
const kernelBytes = (port: number): { sockets: number; sent: number; received: number } => {
  const text = execFileSync('ss', ['-tinH', 'state', 'established', `( sport = :${port} )`], {
    encoding: 'utf8',
  })
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`\\b${name}:(\\d+)`, 'g'))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    )
  // One line names the ends, the next, which is indented, has the counters.
  const sockets = [...text.matchAll(/^\S/gm)].length
  // What the kernel has sent again it counts again; on the socket it was written once.
  const sent = sum('bytes_sent') - sum('bytes_retrans')
  return { sockets, sent, received: sum('bytes_received') }
}
