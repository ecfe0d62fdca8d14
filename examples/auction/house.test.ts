/** The auctioneer on real nodes: whatever comes in whatever order, each step has one winner, and the log says which. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createServer, type HoldfastServer, MemoryBroker } from 'holdfast/server'
import { CATALOGUE } from './catalogue.ts'
import { House, LOTS, lotChannel } from './house.ts'
import type { BidRequest, Verdict } from './judge.ts'
import { applyEntry, type LotEntry, type LotsEntry, type LotState, minimumOf, UNOPENED } from './lot.ts'
import { stepAt } from './money.ts'

const LOT_MS = 90_000
const SOFT_MS = 15_000

/** Time that goes on when it is told to. */
class Clock {
  #now = 1_767_225_600_000
  #timers = new Map<object, { at: number; run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const key = {}
    this.#timers.set(key, { at: this.#now + ms, run })
    return () => this.#timers.delete(key)
  }

  advance(ms: number): void {
    this.#now += ms
    for (const [key, { at, run }] of [...this.#timers]) {
      if (at > this.#now) continue
      this.#timers.delete(key)
      run()
    }
  }
}

class Room {
  readonly clock = new Clock()
  readonly broker = new MemoryBroker()
  readonly servers: HoldfastServer[] = []
  readonly houses: House[] = []

  async open(): Promise<House> {
    const server = createServer({ broker: this.broker })
    // Somebody looks.
    Object.assign(server, { isFollowed: () => true })
    this.servers.push(server)
    const onError = (error: unknown): void => assert.fail(String(error))
    const options = {
      clock: this.clock,
      catalogue: CATALOGUE,
      lotMs: LOT_MS,
      softCloseMs: SOFT_MS,
      pauseMs: 0,
      onError,
    }
    const house = new House(server, options)
    this.houses.push(house)
    await house.outcome({ lot: 'none-at-all', id: 'in-line-first' }, 'nobody')
    house.tick()
    await house.outcome({ lot: 'none-at-all', id: 'in-line-first' }, 'nobody')
    assert.ok(house.state.lot)
    return house
  }

  async log<Entry>(channel: string): Promise<Entry[]> {
    const { publications } = await this.servers[0]!.history(channel, { limit: 1_000 })
    return publications.map(({ data }) => data as Entry)
  }

  async close(): Promise<void> {
    for (const house of this.houses) house.end()
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

const replay = (entries: readonly LotEntry[]): LotState => entries.reduce(applyEntry, UNOPENED)

/** What must hold of any log of a lot. */
const checkLog = (state: LotState): void => {
  let least = state.lot?.startCents ?? assert.fail('it was opened')
  for (const [index, { number, cents }] of state.bids.entries()) {
    assert.equal(number, index + 1, 'one winner for each step, and no step without')
    assert.ok(cents >= least)
    least = cents + stepAt(cents)
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
    act: fc.constantFrom('bid', 'bid', 'bid', 'bid', 'outcome', 'settle'),
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
            if (act === 'settle') await Promise.all(underWay)
            else if (act === 'outcome') underWay.push(house.outcome({ lot, id: key }, who.id).then(note))
            else {
              const cents = Math.max(1, minimumOf(house.state) + raise * 500)
              const request: BidRequest = { lot, id: key, cents, name: who.name }
              underWay.push(house.bid(request, who).then(note))
            }
          }
          await Promise.all(underWay)
          const state = replay(await room.log<LotEntry>(lotChannel(lot)))
          checkLog(state)
          const inLog = new Map(state.bids.map((bid) => [bid.id, bid]))
          for (const { key, verdict } of answers)
            if (verdict.kind === 'accepted') assert.deepEqual(verdict.bid, inLog.get(key))
          // Every node says what the log says, also of bids that it did not decide.
          for (const { id, bidder, ...rest } of state.bids)
            for (const house of room.houses)
              assert.deepEqual(await house.outcome({ lot, id }, bidder.id), {
                ...{ kind: 'accepted', bid: { id, bidder, ...rest } },
              })
        }),
      ),
      { numRuns: 60 },
    )
  })
}

const ADA = { id: 'ada', name: 'Ada' }
const WEN = { id: 'wen', name: 'Wen' }
const next = (house: House, id: string): BidRequest => ({
  ...{ lot: house.state.lot!.id, id, cents: minimumOf(house.state), name: '' },
})

test('a bid that was given up does not count when it comes after all', () =>
  inRoom(async (room) => {
    const house = await room.open()
    const bid = next(house, 'late-bid-1')
    assert.deepEqual(await house.outcome(bid, ADA.id), {
      ...{ kind: 'refused', code: 'withdrawn', minimumCents: bid.cents },
    })
    const verdict = await house.bid(bid, ADA)
    assert.equal(verdict.kind === 'refused' && verdict.code, 'withdrawn')
    assert.equal(house.state.bids.length, 0)
  }))

test('a lot closes when its time is up, as its last bid has moved it, and goes to who led', () =>
  inRoom(async (room) => {
    const house = await room.open()
    const { lot } = house.state
    room.clock.advance(LOT_MS - 1)
    assert.equal((await house.bid(next(house, 'bid-of-ada'), ADA)).kind, 'accepted')
    // The timer for the first end is there, and finds that it has been moved.
    room.clock.advance(1)
    assert.equal((await house.bid(next(house, 'bid-of-wen'), WEN)).kind, 'accepted')
    room.clock.advance(SOFT_MS)
    const late = await house.bid(next(house, 'bid-too-late'), ADA)
    assert.equal(late.kind === 'refused' && late.code, 'closed')
    assert.ok(replay(await room.log<LotEntry>(lotChannel(lot!.id))).closed)
    const [, result] = await room.log<LotsEntry>(LOTS)
    assert.deepEqual(result, { type: 'closed', lot, winner: WEN, cents: house.state.bids.at(-1)?.cents })
    house.tick()
    await house.outcome({ lot: 'none-at-all', id: 'in-line-first' }, 'nobody')
    assert.equal(house.state.lot?.number, 2)
  }))

test('a house that comes back goes on with the lot, and gives back the time in which nobody could bid', () =>
  inRoom(async (room) => {
    const house = await room.open()
    await house.bid(next(house, 'bid-of-ada'), ADA)
    house.end()
    room.clock.advance(LOT_MS + 60_000)
    const again = await room.open()
    assert.equal(again.state.lot?.id, house.state.lot?.id)
    assert.deepEqual(again.state.bids, house.state.bids)
    assert.equal(again.state.until, room.clock.now() + SOFT_MS)
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
    assert.equal((await house.outcome(bid, ADA.id)).kind, 'accepted')
  }))
