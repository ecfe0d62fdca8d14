/** Networks and nodes that go and come back, and pages that are closed meanwhile. */
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { createServer, MemoryBroker } from 'holdfast/server'
import { Lift } from '../browser/lift.ts'
import { converge, Desk, RULES, Seat, TRANSPORTS, updateOf } from './desk.ts'

describe('offline', { timeout: 60_000 }, () => {
  const desk = new Desk()
  before(() => desk.open())
  after(() => desk.close())

  const lifted = async (t: TestContext): Promise<Lift> => {
    const lift = new Lift(Number(new URL(desk.url).port), t)
    await lift.up()
    return lift
  }

  for (const transport of TRANSPORTS) {
    test(`edits on both sides merge, and an hour of typing is one publication, over ${transport}`, async (t) => {
      const channel = `docs/both-${transport}`
      const lift = await lifted(t)
      const ada = new Seat(desk.connect({ transport }, lift.url), channel)
      const wen = desk.seat(channel)
      ada.text.insert(0, 'shared')
      await converge([ada, wen])
      await lift.down()
      for (const letter of ', and written by Ada') ada.text.insert(ada.text.length, letter)
      for (let i = 0; i < 500; i++) {
        ada.text.insert(0, '!')
        await Promise.resolve()
      }
      ada.text.delete(0, 500)
      wen.text.insert(0, 'Wen: ')
      await wen.sent()
      const before = (await desk.broker.describe(channel))?.top ?? 0
      assert.ok(ada.binding.state.unsent >= 500)
      await lift.up()
      await converge([ada, wen])
      assert.equal(wen.text.toJSON(), 'Wen: shared, and written by Ada')
      // One may have been under way when the network went.
      assert.ok(((await desk.broker.describe(channel))?.top ?? 0) <= before + 2)
      ada.client.close()
    })
  }

  test('what is unsent when the page goes is sent by the next page, and is then forgotten', async (t) => {
    const lift = await lifted(t)
    const saved: (Uint8Array | undefined)[] = []
    const unsent = {
      load: () => saved.at(-1),
      save: (update: Uint8Array | undefined): void => void saved.push(update),
    }
    const first = new Seat(desk.connect({}, lift.url), 'docs/page', { unsent })
    first.text.insert(0, 'sent. ')
    await first.sent()
    await Promise.resolve()
    assert.equal(saved.at(-1), undefined)
    await lift.down()
    first.text.insert(6, 'unsent.')
    await Promise.resolve()
    assert.ok(saved.at(-1) !== undefined)
    first.client.close()
    await lift.up()
    const second = new Seat(desk.connect({}, lift.url), 'docs/page', { unsent })
    await second.sent()
    assert.equal(second.text.toJSON(), 'sent. unsent.')
    assert.equal(saved.at(-1), undefined)
    const { top } = (await desk.broker.describe('docs/page')) ?? {}

    // It was in the log after all: the acknowledgement did not arrive in time.
    saved.push(updateOf((text) => text.insert(0, 'twice? ')))
    const third = new Seat(desk.connect(), 'docs/page', { unsent })
    await third.sent()
    saved.push(updateOf((text) => text.insert(0, 'x')))
    const fourth = new Seat(desk.connect(), 'docs/page', {
      unsent: { load: () => undefined, save: () => undefined },
    })
    await fourth.binding.synced
    assert.equal(fourth.text.toJSON().match(/twice\?/g)?.length, 1)
    assert.equal((await desk.broker.describe('docs/page'))?.top, (top ?? 0) + 1)
  })

  test('a store that fails or holds nonsense is reported, and the document works', async () => {
    const ada = desk.seat('docs/store', {
      unsent: { load: () => Uint8Array.from([9, 9, 9]), save: () => Promise.reject(new Error('full')) },
    })
    ada.text.insert(0, 'works')
    await ada.sent()
    assert.ok(ada.errors.length >= 2)
    const wen = desk.seat('docs/store', {
      unsent: { load: () => Promise.reject(new Error('locked')), save: () => undefined },
    })
    await wen.binding.synced
    assert.equal(wen.text.toJSON(), 'works')
  })

  test('an outbox that others have filled is waited for', async (t) => {
    const lift = await lifted(t)
    const client = desk.connect({ outbox: { count: 1 } }, lift.url)
    const ada = new Seat(client, 'docs/full')
    await ada.binding.synced
    await lift.down()
    // Sent to a network that is gone: whether it arrived cannot be known.
    const other = client
      .channel('docs/other')
      .publish(new Uint8Array([1]))
      .catch(() => undefined)
    ada.text.insert(0, 'patience')
    await ada.until(({ unsent }) => unsent === 1)
    await lift.up()
    await other
    await ada.sent()
    assert.deepEqual(ada.errors, [])
    client.close()
  })
})

test(
  'a node that has lost its logs is given the document again, by one and not by all',
  { timeout: 60_000 },
  async () => {
    const options = { rules: RULES ?? [], limits: { commandsPerSecond: 10_000, commandBurst: 10_000 } }
    const first = createServer({ ...options, broker: new MemoryBroker() })
    const { port } = await first.listen()
    const desk = new Desk()
    desk.url = `http://127.0.0.1:${port}`
    const seats = TRANSPORTS.map((transport) => desk.seat('docs/lost', {}, { transport }))
    const [ada, wen] = seats as [Seat, Seat, Seat, Seat]
    ada.text.insert(0, 'acknowledged, ')
    await converge(seats)
    await first.close({ graceMs: 0 })
    ada.text.insert(ada.text.length, 'typed by Ada meanwhile, ')
    wen.text.insert(wen.text.length, 'and by Wen')
    const broker = new MemoryBroker()
    const second = createServer({ ...options, broker })
    await second.listen({ port })
    await converge(seats)
    const late = desk.seat('docs/lost')
    await late.reads((text) => text === ada.text.toJSON())
    assert.ok(late.text.toJSON().startsWith('acknowledged, '))
    assert.ok(late.text.toJSON().includes('typed by Ada meanwhile, '))
    assert.ok(late.text.toJSON().includes('and by Wen'))
    const top = (await broker.describe('docs/lost'))?.top ?? 0
    assert.ok(top <= 6, `${top} publications`)
    await desk.close()
    await second.close({ graceMs: 0 })
  },
)

test('a channel that is deleted ends the binding, and says so', async () => {
  const desk = new Desk()
  await desk.open()
  const ada = desk.seat('docs/deleted')
  ada.text.insert(0, 'x')
  await ada.sent()
  await desk.broker.delete('docs/deleted')
  await ada.until(({ ended }) => ended?.why === 'deleted')
  await desk.close()
})
