import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { FrameError, DeflateAgreement } from '../websocket/index.ts'
import { deflateFor, PerMessageDeflate, resolveDeflate, type DeflateSettings } from './per-message-deflate.ts'

const LIMIT = 1_000_000
const settings: DeflateSettings = resolveDeflate({ thresholdBytes: 0 })

function agreement(contextTakeover: boolean, windowBits: number): DeflateAgreement {
  const terms = { contextTakeover, windowBits }
  return { outgoing: terms, incoming: terms }
}

const pair = (contextTakeover: boolean, windowBits: number): [PerMessageDeflate, PerMessageDeflate] => {
  const end = (): PerMessageDeflate =>
    new PerMessageDeflate(settings, agreement(contextTakeover, windowBits), LIMIT)
  return [end(), end()]
}

const words = Array.from({ length: 40 }, () => randomBytes(5).toString('hex'))
const prose = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 3000 })
  .map((list) => Buffer.from(list.join(' ')))
const payload = fc.oneof(prose, fc.uint8Array({ minLength: 1, maxLength: 2000 }))

for (const contextTakeover of [false, true]) {
  for (let windowBits = 8; windowBits <= 15; windowBits++) {
    test(`a window of ${windowBits} bits, takeover ${contextTakeover}: what is deflated is inflated again`, () => {
      fc.assert(
        fc.property(fc.array(payload, { maxLength: 8 }), (messages) => {
          const [sender, receiver] = pair(contextTakeover, windowBits)
          for (const message of messages) {
            const deflated = sender.deflate(message)
            if (deflated === undefined) continue
            assert.ok(deflated.length < message.length)
            assert.deepEqual(Buffer.from(receiver.inflate(deflated)), Buffer.from(message))
          }
        }),
        { numRuns: 20 },
      )
    })
  }
}

test('§7.1.1: with takeover a message that repeats an earlier one is shorter, without it is not', () => {
  const message = Buffer.from(randomBytes(200).toString('hex'))
  for (const contextTakeover of [false, true]) {
    const [sender] = pair(contextTakeover, 15)
    const [first, second] = [sender.deflate(message)!.length, sender.deflate(message)!.length]
    assert.equal(second < first / 2, contextTakeover)
  }
})

test('§7.1.2: a reference to what a message before it has said, beyond the window, is refused', () => {
  const chunk = randomBytes(1500)
  const first = deflateRawSync(chunk, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const again = deflateRawSync(chunk, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: chunk }).subarray(
    0,
    -4,
  )
  assert.ok(again.length < 100)
  for (const [windowBits, reaches] of [
    [11, true],
    [10, false],
  ] as const) {
    const [, receiver] = pair(true, windowBits)
    receiver.inflate(first)
    if (reaches) assert.deepEqual(Buffer.from(receiver.inflate(again)), chunk)
    else assert.throws(() => receiver.inflate(again), { code: 'invalid-deflate' })
  }
  assert.throws(() => pair(false, 15)[1].inflate(again), { code: 'invalid-deflate' })
})

/** The text, or the code of the error. */
function inflated(hex: string): string {
  try {
    return Buffer.from(pair(false, 15)[1].inflate(Buffer.from(hex, 'hex'))).toString()
  } catch (error) {
    return (error as FrameError).code
  }
}

test('§7.2.3: the RFC’s examples', () => {
  assert.equal(inflated('f248cdc9c90700'), 'Hello')
  assert.equal(inflated('000500faff48656c6c6f00'), 'Hello')
  assert.equal(inflated('f348cdc9c9070000'), 'Hello')
  assert.equal(inflated('f24805000000ffffcac9c90700'), 'Hello')
  assert.equal(inflated('00'), '')
  const [sender, receiver] = pair(true, 15)
  assert.equal(Buffer.from(receiver.inflate(Buffer.from('f248cdc9c90700', 'hex'))).toString(), 'Hello')
  assert.equal(Buffer.from(receiver.inflate(Buffer.from('f200110000', 'hex'))).toString(), 'Hello')
  assert.equal(sender.suits(0), false)
})

test('what is cut off, no deflate data, or begins anew too often is refused', () => {
  for (const hex of ['', 'f248cd', 'f248cdc9', 'ff', '06', '000500faff4865', '0300'.repeat(9) + '00'])
    assert.equal(inflated(hex), 'invalid-deflate', hex)
  assert.equal(inflated('0300'.repeat(3) + '00'), '')
})

test('a bomb stops at the limit, and memory stays flat', () => {
  const bomb = deflateRawSync(Buffer.alloc(256 << 20), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
    0,
    -4,
  )
  const [, receiver] = pair(false, 15)
  const before = process.memoryUsage().arrayBuffers
  for (let round = 0; round < 5; round++) assert.throws(() => receiver.inflate(bomb), { code: 'too-large' })
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20)
})

test('the limit counts what is inflated, to the byte, also over several final blocks', () => {
  const half = Buffer.concat([deflateRawSync(Buffer.alloc(500, 'a'))])
  const twice = Buffer.concat([half, half, Buffer.of(0)])
  const inflate = (limit: number): number =>
    new PerMessageDeflate(settings, agreement(false, 15), limit).inflate(twice).length
  assert.equal(inflate(1000), 1000)
  for (const limit of [0, 1, 499, 500, 999]) assert.throws(() => inflate(limit), { code: 'too-large' })
})

test('connections on the same terms share one compression, unless contexts live', () => {
  const of = (takeover: boolean, bits: number): PerMessageDeflate =>
    deflateFor(settings, agreement(takeover, bits), LIMIT)
  assert.equal(of(false, 15), of(false, 15))
  assert.notEqual(of(false, 15), of(false, 14))
  assert.notEqual(of(true, 15), of(true, 15))
  assert.deepEqual([of(false, 15).shared, of(true, 15).shared], [true, false])
})

test('settings that make no sense are refused', () => {
  for (const options of [
    { level: 0 },
    { level: 10 },
    { windowBits: 7 },
    { peerWindowBits: 16 },
    { thresholdBytes: -1 },
    { maxBytes: 0.5 },
  ])
    assert.throws(() => resolveDeflate(options), RangeError)
  const sized = new PerMessageDeflate(resolveDeflate({ maxBytes: 2000 }), agreement(false, 15), LIMIT)
  assert.deepEqual(
    [1023, 1024, 2000, 2001].map((length) => sized.suits(length)),
    [false, true, true, false],
  )
})
