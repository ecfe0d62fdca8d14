/** The bytes on the wire: what is written is read again, and nothing else is. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeInput, decodeSnapshot, encodeInput, encodeSnapshot } from 'holdfast/netcode'

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const u8 = fc.integer({ min: 0, max: 255 })
const heard = fc.record({ seq: u32, early: fc.integer({ min: -128, max: 127 }), missed: u8 })
const snapshot = fc.record({
  tick: u32,
  heard: fc.uniqueArray(fc.tuple(u8, heard), { selector: ([player]) => player }).map((each) => new Map(each)),
  state: fc.uint8Array({ maxLength: 100 }),
})
const input = fc.record({ seq: u32, tick: u32, command: fc.uint8Array({ maxLength: 20 }) })

/** Arbitraries make objects without a prototype. */
const same = (read: unknown, written: unknown): void => assert.deepEqual(read, structuredClone(written))

describe('inputs and snapshots', () => {
  it('are read as they were written', () => {
    fc.assert(fc.property(snapshot, (each) => same(decodeSnapshot(encodeSnapshot(each)), each)))
    fc.assert(fc.property(input, (each) => same(decodeInput(encodeInput(each)), each)))
  })

  it('are read wherever they lie in a larger buffer', () => {
    const bytes = encodeInput({ seq: 7, tick: 9, command: Uint8Array.of(3, 4) })
    const larger = new Uint8Array(40)
    larger.set(bytes, 5)
    assert.deepEqual(decodeInput(larger.subarray(5, 17)), decodeInput(bytes))
  })

  it('have the layout that is said', () => {
    const bytes = encodeInput({ seq: 1, tick: 258, command: Uint8Array.of(255, 2) })
    assert.equal(Buffer.from(bytes).toString('hex'), '01020000000100000102ff02')
    const state = encodeSnapshot({
      tick: 1,
      heard: new Map([[3, { seq: 5, early: -1_000, missed: 1_000 }]]),
      state: Uint8Array.of(9),
    })
    assert.equal(Buffer.from(state).toString('hex'), '01010000000101' + '0300000005' + '80ff' + '09')
  })

  it('are refused in another version, as the other kind, and cut within their head', () => {
    const heard = new Map([[3, { seq: 5, early: 1, missed: 0 }]])
    const bytes = encodeSnapshot({ tick: 1, heard, state: Uint8Array.of(9) })
    for (let length = 0; length < 14; length++) {
      assert.equal(decodeSnapshot(bytes.subarray(0, length)), undefined, `${length} bytes`)
      if (length < 10) assert.equal(decodeInput(bytes.with(1, 2).subarray(0, length)), undefined)
    }
    assert.equal(decodeSnapshot(bytes.with(0, 2)), undefined)
    assert.equal(decodeInput(bytes), undefined)
    for (const other of [undefined, null, 'text', {}, [1, 1]]) {
      assert.equal(decodeSnapshot(other), undefined)
      assert.equal(decodeInput(other), undefined)
    }
  })

  it('never throw, whatever comes', () => {
    const hostile = fc
      .uint8Array({ maxLength: 200 })
      .chain((bytes) =>
        fc.constantFrom([], [1, 1], [1, 2]).map((head) => new Uint8Array([...head, ...bytes])),
      )
    fc.assert(
      fc.property(hostile, (bytes) => {
        decodeInput(bytes)
        const heard = decodeSnapshot(bytes)?.heard.size ?? 0
        assert.ok(heard * 7 <= bytes.length)
      }),
    )
  })
})
