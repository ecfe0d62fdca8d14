import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TRANSPORT_ORDER } from '../client/index.ts'
import { advise } from './advise.ts'
import type { Cost, Measurement, TransportCost } from './cost.ts'
import { type Network, OPEN_NETWORK, usable } from './network.ts'
import { loadOf, type Workload } from './workload.ts'

const cost = (bytes: number, cpuMicros: number): Cost => ({ bytes, cpuMicros })
const NOTHING = cost(0, 0)

const costs: TransportCost[] = [
  {
    transport: 'websocket',
    perRequest: NOTHING,
    perMessage: cost(200, 10),
    perIdleSecond: cost(0.5, 1),
    latencyMs: { p50: 1, p99: 4 },
  },
  {
    transport: 'sse',
    perRequest: NOTHING,
    perMessage: cost(230, 14),
    perIdleSecond: cost(0.2, 1),
    latencyMs: { p50: 1, p99: 4 },
  },
  {
    transport: 'long-polling',
    perRequest: cost(700, 80),
    perMessage: cost(180, 8),
    perIdleSecond: cost(0, 0.5),
    latencyMs: { p50: 2, p99: 8 },
  },
  {
    transport: 'polling',
    perRequest: cost(680, 70),
    perMessage: cost(180, 6),
    perIdleSecond: cost(0, 0),
    latencyMs: { p50: 2, p99: 8 },
  },
]
const MEASURED: Measurement = {
  at: '2026-01-01T00:00:00Z',
  on: 'this test',
  payloadBytes: 128,
  perSecond: 5,
  clients: 100,
  costs,
}

const request = costs[3]!.perRequest

const CHAT: Workload = { perSecond: 5, clients: 1_000, latencyMs: 200 }

const workloads: fc.Arbitrary<Workload> = fc.record({
  perSecond: fc.double({ min: 0, max: 1_000, noNaN: true }),
  clients: fc.integer({ min: 1, max: 1_000_000 }),
  latencyMs: fc.integer({ min: 1, max: 600_000 }),
  sentPerSecond: fc.double({ min: 0, max: 100, noNaN: true }),
})
const networks: fc.Arbitrary<Network> = fc.record({
  upgrade: fc.boolean(),
  streaming: fc.boolean(),
  holdMs: fc.integer({ min: 0, max: 120_000 }),
  roundTripMs: fc.integer({ min: 0, max: 2_000 }),
})

test('an open network and a chat: WebSocket, as `auto` would', () => {
  const { transport, auto, why } = advise(CHAT, OPEN_NETWORK, MEASURED)
  assert.deepEqual([transport, auto], ['websocket', 'websocket'])
  assert.match(
    why,
    /^WebSocket takes 5\.1 % of a core; the next, SSE 7\.1 % of a core, 1\.4 times as much\.$/,
  )
})

test('without upgrades SSE; without streaming either long polling; where holds are cut regular polling', () => {
  const choose = (network: Partial<Network>): string =>
    advise(CHAT, { ...OPEN_NETWORK, ...network }, MEASURED).transport
  assert.equal(choose({ upgrade: false }), 'sse')
  assert.equal(choose({ upgrade: false, streaming: false }), 'long-polling')
  assert.equal(choose({ upgrade: false, streaming: false, holdMs: 500 }), 'polling')
})

test('who can wait a minute is advised to poll when that costs nearly as little, and at which interval', () => {
  const rare: Workload = { perSecond: 0.001, clients: 10_000, latencyMs: 90_000 }
  const { transport, options } = advise(rare, OPEN_NETWORK, MEASURED)
  assert.deepEqual(
    [transport, options.pollIntervalMs],
    ['polling', Math.round(0.9 * (90_000 - OPEN_NETWORK.roundTripMs))],
  )
  assert.equal(advise({ ...rare, latencyMs: 5_000 }, OPEN_NETWORK, MEASURED).transport, 'websocket')
})

test('a hold is asked for that ends before what cuts it', () => {
  const short: Network = { upgrade: false, streaming: false, holdMs: 10_000, roundTripMs: 40 }
  const { transport, options } = advise(CHAT, short, MEASURED)
  assert.deepEqual([transport, options.holdMs], ['long-polling', 8_000])
})

test('when nothing is fast enough it says so and names what comes closest', () => {
  const far: Network = { ...OPEN_NETWORK, roundTripMs: 600 }
  const { transport, why, candidates } = advise({ ...CHAT, latencyMs: 100 }, far, MEASURED)
  assert.equal(transport, 'websocket')
  assert.match(why, /^Nothing that gets through delivers within 100 ms; WebSocket comes closest with 304 ms/)
  assert.equal(candidates.filter(({ verdict }) => verdict === 'too_slow').length, 3)
})

test('a measurement without a transport is refused', () => {
  assert.throws(() => advise(CHAT, OPEN_NETWORK, { ...MEASURED, costs: costs.slice(1) }), RangeError)
})

test('what is recommended gets through, is fast enough if anything is, and nothing able costs much less', () => {
  fc.assert(
    fc.property(workloads, networks, (workload, network) => {
      const { transport, auto, candidates } = advise(workload, network, MEASURED)
      const through = usable(network)
      assert.ok(through.includes(transport))
      assert.equal(auto, through[0])
      assert.deepEqual(
        candidates.map((each) => each.transport),
        TRANSPORT_ORDER,
      )
      const loads = through.map((each) => ({
        each,
        load: loadOf(
          costs.find((cost) => cost.transport === each)!,
          workload,
          { network, request },
        ),
      }))
      const able = loads.filter(({ load }) => load.latencyMs <= workload.latencyMs)
      const chosen = loads.find(({ each }) => each === transport)!.load
      if (able.length === 0) {
        assert.ok(loads.every(({ load }) => load.latencyMs >= chosen.latencyMs))
        return
      }
      assert.ok(chosen.latencyMs <= workload.latencyMs)
      assert.ok(able.every(({ load }) => chosen.cores <= load.cores * 1.25 + 1e-12))
      assert.equal(candidates.filter(({ verdict }) => verdict === 'recommended').length, 1)
    }),
  )
})

test('twice the clients cost twice as much, and more publications never less', () => {
  fc.assert(
    fc.property(workloads, networks, fc.constantFrom(...costs), (workload, network, cost) => {
      const one = loadOf(cost, workload, { network, request })
      const two = loadOf(cost, { ...workload, clients: workload.clients * 2 }, { network, request })
      assert.ok(Math.abs(two.cores - 2 * one.cores) <= 1e-9 * Math.max(1, two.cores))
      const busier = loadOf(cost, { ...workload, perSecond: workload.perSecond + 1 }, { network, request })
      assert.ok(busier.cores >= one.cores && busier.bytesPerSecond >= one.bytesPerSecond)
    }),
  )
})
