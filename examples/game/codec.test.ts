/** The bytes on the wire: what is written is read again, and nothing else is. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeInput, decodeState, encodeInput, encodeState, type ShipState, type State } from './codec.ts'
import { ARENA, FULL, legalSteering, STEPS } from './simulation.ts'

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const steps = (most: number, least = 0): fc.Arbitrary<number> =>
  fc.integer({ min: least * STEPS, max: most * STEPS }).map((value) => value / STEPS)
const place = fc.record({ x: steps(ARENA.width), y: steps(ARENA.height) })
const id = fc.integer({ min: 0, max: 254 })
const ship: fc.Arbitrary<ShipState> = fc.record({
  id,
  bot: fc.boolean(),
  away: fc.boolean(),
  motion: fc.record({
    x: steps(ARENA.width),
    y: steps(ARENA.height),
    vx: steps(400, -400),
    vy: steps(400, -400),
  }),
  score: fc.integer({ min: 0, max: 65_535 }),
  seq: u32,
  early: fc.integer({ min: -128, max: 127 }),
  missed: fc.integer({ min: 0, max: 255 }),
})
const state: fc.Arbitrary<State> = fc.record({
  tick: u32,
  round: fc.integer({ min: 0, max: 65_535 }),
  winner: fc.option(id, { nil: undefined }),
  crown: fc.record({ holder: fc.option(id, { nil: undefined }), at: place }),
  ships: fc.array(ship, { maxLength: 32 }),
  dots: fc.array(place, { maxLength: 64 }),
})
const input = fc.record({
  seq: u32,
  tick: u32,
  steering: fc
    .tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -200, max: 200 }))
    .map(([dx, dy]) => legalSteering(dx, dy)),
})

/** Arbitraries make objects without a prototype. */
const same = (read: unknown, written: unknown): void => assert.deepEqual(read, structuredClone(written))

describe('the codec', () => {
  it('reads what it has written', () => {
    fc.assert(fc.property(state, (each) => same(decodeState(encodeState(each)), each)))
    fc.assert(fc.property(input, (each) => same(decodeInput(encodeInput(each)), each)))
  })

  it('reads it wherever it lies in a larger buffer', () => {
    const bytes = encodeInput({ seq: 7, tick: 9, steering: { dx: -3, dy: 127 } })
    const larger = new Uint8Array(40)
    larger.set(bytes, 5)
    assert.deepEqual(decodeInput(larger.subarray(5, 17)), decodeInput(bytes))
  })

  it('has the layout that it says', () => {
    const bytes = encodeInput({ seq: 1, tick: 258, steering: { dx: -1, dy: 2 } })
    assert.equal(Buffer.from(bytes).toString('hex'), '01020000000100000102ff02')
    const empty = encodeState({
      tick: 1,
      round: 2,
      winner: undefined,
      crown: { holder: 3, at: { x: 1, y: 0.5 } },
      ships: [],
      dots: [],
    })
    assert.equal(Buffer.from(empty).toString('hex'), '01010000000100' + '02ff03' + '00100008' + '0000')
  })

  it('refuses every other length and version, and every cut', () => {
    fc.assert(
      fc.property(state, fc.nat(), (each, at) => {
        const bytes = encodeState(each)
        assert.equal(decodeState(bytes.subarray(0, at % bytes.length)), undefined)
        assert.equal(decodeState(new Uint8Array([...bytes, 0])), undefined)
        assert.equal(decodeState(new Uint8Array([2, ...bytes.subarray(1)])), undefined)
        assert.equal(decodeInput(bytes), undefined)
      }),
    )
  })

  it('never throws, and gives nothing out of bounds, whatever comes', () => {
    const hostile = fc.oneof(
      fc.anything(),
      fc.uint8Array({ maxLength: 200 }),
      // Bytes that begin as they should.
      fc.uint8Array({ minLength: 10, maxLength: 800 }).map((bytes) => new Uint8Array([1, 1, ...bytes])),
      fc.uint8Array({ minLength: 10, maxLength: 10 }).map((bytes) => new Uint8Array([1, 2, ...bytes])),
      fc.tuple(state, fc.nat(), fc.nat(255)).map(([each, at, value]) => {
        const bytes = encodeState(each)
        bytes[at % bytes.length] = value
        return bytes
      }),
    )
    fc.assert(
      fc.property(hostile, (bytes) => {
        for (const { x, y } of decodeState(bytes)?.dots ?? [])
          assert.ok(x <= ARENA.width && y <= ARENA.height)
        const steering = decodeInput(bytes)?.steering
        if (steering !== undefined) assert.ok(Math.hypot(steering.dx, steering.dy) <= FULL)
      }),
      { numRuns: 2_000 },
    )
  })
})
