/** The auctioneer on real nodes: whatever comes in whatever order, each step has one winner, and the log says which. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createServer, type HoldfastServer, MemoryBroker } from 'holdfast/server'
import { House } from './house.ts'
import type { BidRequest, Verdict } from './judge.ts'
import { applyEntry, EMPTY, type Entry, KEPT, minimumOf, ROOM, type State } from './lot.ts'

const LOT_MS = 90_000
const SOFT_MS = 15_000

class Room {
  /** Time goes on when it is told to. */
  nowMs = 1_767_225_600_000
  readonly broker = new MemoryBroker()
  readonly servers: HoldfastServer[] = []
  readonly houses: House[] = []

  async open(): Promise<House> {
    const server = createServer({ broker: this.broker })
    // Somebody looks.
    Object.assign(server, { isFollowed: () => true })
    this.servers.push(server)
    const now = (): number => this.nowMs
    const house = new House(server, { now, lotMs: LOT_MS, softCloseMs: SOFT_MS, pauseMs: 0 })
    this.houses.push(house)
    await house.tick()
    assert.ok(house.state.lot)
    return house
  }

  async log(): Promise<Entry[]> {
    const { publications } = await this.servers[0]!.history(ROOM, { limit: KEPT })
    return publications.map(({ data }) => data as Entry)
  }

  async close(): Promise<void> {
    for (const server of this.servers) await server.close()
    await this.broker.dispose()
  }
}

const inRoom = async (act: (room: Room) => Promise<void>): Promise<void> => {
  const room = new Room()
  try {
    await act(room)
  } finally {
    await room.close()
  }
}

const replay = (entries: readonly Entry[]): State => entries.reduce(applyEntry, EMPTY)

/** What must hold of any log of a lot. */
const checkLog = (state: State): void => {
  for (const [index, { number, cents }] of state.bids.entries()) {
    assert.equal(number, index + 1, 'one winner for each step, and no step without')
    assert.ok(cents >= minimumOf({ ...state, bids: state.bids.slice(0, index) }))
  }
  assert.equal(new Set(state.bids.map(({ id }) => id)).size, state.bids.length, 'no bid counts twice')
}

const arbitraryBids = fc.array(
  fc.record({
    bidder: fc.integer({ min: 0, max: 4 }),
    id: fc.integer({ min: 0, max: 12 }),
    raise: fc.integer({ min: -2, max: 6 }),
    /** Which house it comes to. */
    house: fc.integer({ min: 0, max: 1 }),
    act: fc.constantFrom('bid', 'bid', 'bid', 'bid', 'ask', 'settle'),
  }),
  { minLength: 1, maxLength: 40 },
)

for (const nodes of [1, 2]) {
  test(`concurrent bids in any order, repeated, asked about: one winner for each step (${nodes} nodes)`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryBids, (steps) =>
        inRoom(async (room) => {
          for (let at = 0; at < nodes; at++) await room.open()
          const lot = room.houses[0]!.state.lot!.id
          assert.ok(room.houses.every((house) => house.state.lot?.id === lot))
          const answers: { key: string; verdict: Verdict }[] = []
          const underWay: Promise<void>[] = []
          for (const { bidder, id, raise, house: at, act } of steps) {
            const house = room.houses[at % nodes]!
            const key = `bid-${bidder}-${id}`
            const who = { id: `bidder-${bidder}`, name: `Bidder ${bidder}` }
            const note = (verdict: Verdict): void => void answers.push({ key, verdict })
            const cents = Math.max(1, minimumOf(house.state) + raise * 500)
            const request: BidRequest = { lot, id: key, cents, name: who.name, notAfter: room.nowMs }
            if (act === 'settle') await Promise.all(underWay)
            // Later than it may count: what became of it?
            else if (act === 'ask') underWay.push(house.bid({ ...request, notAfter: 0 }, who).then(note))
            else underWay.push(house.bid(request, who).then(note))
          }
          await Promise.all(underWay)
          const state = replay(await room.log())
          checkLog(state)
          const inLog = new Map(state.bids.map((bid) => [bid.id, bid]))
          for (const { key, verdict } of answers)
            if (verdict.kind === 'accepted') assert.deepEqual(verdict.bid, inLog.get(key))
          // Every node says what the log says, also of bids that it did not decide.
          for (const bid of state.bids)
            for (const house of room.houses)
              assert.deepEqual(await house.bid({ ...bid, lot, name: '', notAfter: 0 }, bid.bidder), {
                ...{ kind: 'accepted', bid },
              })
        }),
      ),
      { numRuns: 60 },
    )
  })
}

const ADA = { id: 'ada', name: 'Ada' }
const WEN = { id: 'wen', name: 'Wen' }
/** The next step, to count at `notAfter` at the latest. */
const next = (house: House, id: string, notAfter = Infinity): BidRequest => ({
  ...{ lot: house.state.lot!.id, id, cents: minimumOf(house.state), name: '', notAfter },
})

test('a bid that comes after its time does not count, and whoever asks again is told what became of it', () =>
  inRoom(async (room) => {
    const house = await room.open()
    const bid = next(house, 'late-bid-1', room.nowMs + 5_000)
    const verdict = await house.bid({ ...bid, id: 'in-time-1' }, ADA)
    room.nowMs += 5_001
    const late = await house.bid(bid, WEN)
    assert.equal(late.kind === 'refused' && late.code, 'late')
    assert.deepEqual(await house.bid({ ...bid, id: 'in-time-1' }, ADA), verdict)
    assert.equal(house.state.bids.length, 1)
    // Also on the next lot.
    room.nowMs += LOT_MS
    await house.tick()
    await house.tick()
    assert.equal(house.state.lot?.number, 2)
    assert.deepEqual(await house.bid({ ...bid, id: 'in-time-1' }, ADA), verdict)
    assert.equal(house.state.bids.length, 0)
  }))

test('a lot closes when its time is up, as its last bid has moved it, and goes to who led', () =>
  inRoom(async (room) => {
    const house = await room.open()
    room.nowMs += LOT_MS - 1
    assert.equal((await house.bid(next(house, 'bid-of-ada'), ADA)).kind, 'accepted')
    // The first end has come, and has been moved.
    room.nowMs += 1
    await house.tick()
    assert.equal((await house.bid(next(house, 'bid-of-wen'), WEN)).kind, 'accepted')
    room.nowMs += SOFT_MS
    const late = await house.bid(next(house, 'bid-too-late'), ADA)
    assert.equal(late.kind === 'refused' && late.code, 'closed')
    await house.tick()
    const state = replay(await room.log())
    assert.ok(state.closed)
    assert.deepEqual(state.bids.at(-1)?.bidder, WEN)
    await house.tick()
    assert.equal(house.state.lot?.number, 2)
  }))

test('two houses that find no log open the first lot once', () =>
  inRoom(async (room) => {
    const [one, two] = await Promise.all([room.open(), room.open()])
    await Promise.all([one.tick(), two.tick()])
    const entries = await room.log()
    assert.equal(entries.filter(({ type }) => type === 'opened').length, 1)
    assert.equal(one.state.lot?.id, two.state.lot?.id)
  }))

test('a house that comes back goes on with the lot, and gives back the time in which nobody could bid', () =>
  inRoom(async (room) => {
    const house = await room.open()
    await house.bid(next(house, 'bid-of-ada'), ADA)
    room.nowMs += LOT_MS + 60_000
    const again = await room.open()
    assert.equal(again.state.lot?.id, house.state.lot?.id)
    assert.deepEqual(again.state.bids, house.state.bids)
    assert.equal(again.state.until, room.nowMs + SOFT_MS)
    assert.equal((await again.bid(next(again, 'bid-of-wen'), WEN)).kind, 'accepted')
  }))

test('when the log cannot be written, nobody is told that a bid counts; when it can be read again, what it says counts', () =>
  inRoom(async (room) => {
    const house = await room.open()
    const { broker } = room
    const append = broker.append.bind(broker)
    // It is in the log, and the answer is lost on the way from the broker.
    broker.append = async (request) => {
      await append(request)
      throw new Error('the broker is gone')
    }
    const bid = next(house, 'bid-of-ada')
    await assert.rejects(house.bid(bid, ADA))
    broker.append = append
    const verdict = await house.bid({ ...bid, id: 'bid-of-wen' }, WEN)
    assert.equal(verdict.kind === 'refused' && verdict.code, 'too_low')
    assert.equal((await house.bid(bid, ADA)).kind, 'accepted')
  }))
