import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway, Identity } from './gateway.ts'
import { PresenceLeases } from './presence-leases.ts'

const IDENTITY = { session: 's', member: 'm' } as Identity

/** A gateway whose steps are done by hand, in the order in which they were begun. */
const byHand = (): {
  readonly gateway: Gateway
  readonly begun: string[]
  readonly steps: PromiseWithResolvers<number>[]
  readonly faults: unknown[]
} => {
  const begun: string[] = []
  const steps: PromiseWithResolvers<number>[] = []
  const faults: unknown[] = []
  const begin = (what: string): Promise<number> => {
    begun.push(what)
    const step = Promise.withResolvers<number>()
    steps.push(step)
    return step.promise
  }
  const gateway = {
    enter: (_identity: Identity, channel: string, data: string | undefined, attach: boolean) =>
      begin(`enter ${channel} ${data} ${attach}`),
    leave: (_identity: Identity, channel: string, generation: number | undefined) =>
      begin(`leave ${channel} ${generation}`).then(() => undefined),
    fault: (error: unknown) => faults.push(error),
  } as unknown as Gateway
  return { gateway, begun, steps, faults }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('PR5: a leave waits for the enter before it, and other channels do not', async () => {
  const { gateway, begun, steps } = byHand()
  const leases = new PresenceLeases(gateway)
  const entered = leases.enter(IDENTITY, 'a', '1')
  const left = leases.leave(IDENTITY, 'a')
  void leases.enter(IDENTITY, 'b', '2')
  assert.deepEqual(begun, ['enter a 1 true', 'enter b 2 true'])
  steps[0]?.resolve(1)
  await entered
  await settled()
  assert.deepEqual(begun.slice(2), ['leave a undefined'])
  steps[2]?.resolve(0)
  await left
})

test('PR4: a lease that is taken after its connection closed is let go of, unless a poll took it', async () => {
  for (const keep of [false, true]) {
    const { gateway, begun, steps } = byHand()
    const leases = new PresenceLeases(gateway)
    void leases.enter(IDENTITY, 'a', '1')
    leases.detach(IDENTITY, keep)
    steps[0]?.resolve(7)
    await settled()
    assert.deepEqual(begun.slice(1), keep ? [] : ['leave a 7'])
  }
})

test('PR3: renewing never takes again what has been left, and its failure is the node’s to hear of', async () => {
  const { gateway, begun, steps, faults } = byHand()
  const leases = new PresenceLeases(gateway)
  for (const channel of ['a', 'b']) void leases.enter(IDENTITY, channel, '1')
  for (const step of steps) step.resolve(1)
  await settled()
  void leases.leave(IDENTITY, 'a')
  leases.renew(IDENTITY)
  steps[2]?.resolve(0)
  await settled()
  assert.deepEqual(begun.slice(2), ['leave a undefined', 'enter b undefined false'])
  steps[3]?.reject(new Error('out of order'))
  await settled()
  assert.equal(faults.length, 1)
  leases.detach(IDENTITY, false)
  assert.deepEqual(begun.slice(4), ['leave b 1'])
  steps[4]?.reject(new Error('out of order'))
  await settled()
  assert.equal(faults.length, 2)
})
