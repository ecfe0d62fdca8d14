/** The auction as a client sees it that wants to cheat: over a real node, with the real client. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Client, connect } from 'holdfast'
import { createServer, type HoldfastServer } from 'holdfast/server'
import type { Verdict } from './judge.ts'
import { type Entry, type Lot, ROOM } from './lot.ts'
import { rules, start } from './server.ts'

const ADA = 'a'.repeat(24)
const EVE = 'e'.repeat(24)

describe('the auction on a node', () => {
  let server: HoldfastServer
  let end: () => void
  let client: Client
  let lot: Lot
  let bids = 0

  before(async () => {
    server = createServer({ rules, limits: { commandBurst: 1_000 } })
    end = start(server)
    const { url } = await server.listen()
    client = connect(url)
    // It opens because somebody follows.
    for await (const { data } of client.channel<Entry>(ROOM).subscribe({ from: 'start' })) {
      if (data.type !== 'opened') continue
      lot = data.lot
      break
    }
  })
  after(async () => {
    client.close()
    end()
    await server.close({ graceMs: 0 })
  })

  const bid = (fields: object): Promise<unknown> =>
    client.call('auction.bid', {
      ...{ lot: lot.id, id: `bid-number-${bids++}`, cents: lot.startCents, name: 'Ada', paddle: ADA },
      notAfter: 9e15,
      ...fields,
    })
  const codeOf = async (answer: Promise<unknown>): Promise<string> => {
    const verdict = (await answer) as Verdict
    return verdict.kind === 'refused' ? verdict.code : 'accepted'
  }
  const entries = async (): Promise<number> => (await server.describe(ROOM))?.top ?? 0

  it('refuses forged bids with a reason, and writes nothing', async () => {
    for (const cents of [-8_000, 0, '8000', null, 8_000.5, 1e300, [8_000], undefined])
      assert.equal(await codeOf(bid({ cents })), 'malformed', String(cents))
    assert.equal(await codeOf(bid({ cents: 2 ** 52 })), 'too_high')
    assert.equal(await codeOf(bid({ cents: 1 })), 'too_low')
    assert.equal(await codeOf(bid({ name: '\u202e\u200b' })), 'malformed')
    assert.equal(await codeOf(bid({ lot: 'no-such-lot' })), 'closed')
    assert.equal(await codeOf(bid({ lot: '__proto__' })), 'closed')
    assert.equal(await codeOf(bid({ id: { toString: 'x' } })), 'malformed')
    for (const paddle of [undefined, '', 'short', { length: 24 }, `${ADA}\n`])
      await assert.rejects(bid({ paddle }), { code: 'call_failed' })
    for (const params of [undefined, null, 7, 'bid', []])
      await assert.rejects(client.call('auction.bid', params), { code: 'call_failed' })
    for (const notAfter of [undefined, null, '5', [5]])
      assert.equal(await codeOf(bid({ notAfter })), 'malformed', String(notAfter))
    assert.equal(await codeOf(bid({ notAfter: 0 })), 'late')
    assert.equal(await entries(), 2)
  })

  it('nobody bids as another: who bids follows from the paddle, and nothing else is believed', async () => {
    const accepted = (await bid({
      bidder: { id: 'someone', simulated: true },
      number: 7,
      until: 0,
    })) as Verdict
    assert.ok(accepted.kind === 'accepted')
    const { bidder } = (await client.call('auction.join', { paddle: ADA })) as { bidder: string }
    assert.deepEqual(accepted.bid.bidder, { id: bidder, name: 'Ada' })
    assert.equal(accepted.bid.number, 1)
    // What the log shows of a bidder is not what opens its door.
    const next = { cents: 2 * lot.startCents }
    await assert.rejects(bid({ ...next, paddle: bidder }), { code: 'call_failed' })
    assert.equal(await codeOf(bid({ ...next, paddle: EVE })), 'name_taken')
    assert.equal(await codeOf(bid({ ...next, paddle: EVE, name: 'Eve', id: accepted.bid.id })), 'malformed')
    assert.equal(await entries(), 3)
  })

  it('nobody writes verdicts, or lets go of them', async () => {
    const forged = { type: 'closed' }
    const channel = client.channel(ROOM)
    const { cursor } = await channel.history()
    await assert.rejects(channel.publish(forged), { code: 'forbidden' })
    await assert.rejects(channel.publish(forged, { expect: cursor }), { code: 'forbidden' })
    await assert.rejects(channel.trim(cursor), { code: 'forbidden' })
  })

  it('a flood of bids at one price takes one step', async () => {
    const before = await entries()
    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, () => bid({ paddle: EVE, name: 'Eve', cents: 3 * lot.startCents })),
    )
    assert.ok(answers.length === 300)
    assert.equal(await entries(), before + 1)
  })
})
