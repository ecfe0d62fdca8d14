import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Assembly, COMPLETE_WITHIN_MS } from './assembly.ts'
import { decodeEnvelope, decodeMessage, encodeMessage, type Envelope } from './envelope.ts'

const nonce = (of: number): Uint8Array => Uint8Array.from([0, 0, 0, 0, 0, 0, 0, of])
const envelopes = (update: Uint8Array, of: number, covers?: string): Envelope[] =>
  encodeMessage({ update, covers }, nonce(of), 40).map((each) => decodeEnvelope(each))
const at = (time: number): { time: number; before: string } => ({ time, before: `cursor ${time}` })
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index)

test('a message comes back as it was, in one publication or in many, each within the limit', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
      fc.option(fc.stringMatching(/^[0-9a-z]{13}_\d{16}$/), { nil: undefined }),
      fc.integer({ min: 20, max: 300 }),
      (update, covers, maxBytes) => {
        const publications = encodeMessage({ update, covers }, nonce(7), maxBytes)
        assert.ok(publications.every(({ length }) => length <= maxBytes))
        const assembly = new Assembly()
        const payloads = publications.map((each) => assembly.add(decodeEnvelope(each), at(1)))
        const payload = payloads.pop()
        assert.ok(payloads.every((each) => each === undefined) && payload !== undefined)
        const message = decodeMessage(payload, covers !== undefined)
        assert.deepEqual(Array.from(message.update), Array.from(update))
        assert.equal(message.covers, covers)
        assert.equal(assembly.holdsBack(1), undefined)
      },
    ),
  )
})

test('messages of several writers may lie between each other', () => {
  const assembly = new Assembly()
  const [a, b] = [envelopes(bytes(60), 1), envelopes(bytes(90), 2)]
  const order = [a[0], b[0], b[1], a[1], b[2], a[2], b[3]].filter((each) => each !== undefined)
  const complete = order.map((each) => assembly.add(each, at(1))).filter((each) => each !== undefined)
  assert.deepEqual(
    complete.map(({ length }) => length),
    [60, 90],
  )
})

test('an update that is not complete holds the trim back to before its first part, and a snapshot does not', () => {
  const assembly = new Assembly()
  const [snapshot] = envelopes(bytes(60), 1, 'c')
  const [first, second] = envelopes(bytes(60), 2)
  assembly.add(snapshot as Envelope, at(1))
  assert.equal(assembly.holdsBack(1), undefined)
  assembly.add(first as Envelope, at(2))
  assembly.add(second as Envelope, at(3))
  assert.equal(assembly.holdsBack(3), 'cursor 2')
  assert.equal(assembly.holdsBack(2 + COMPLETE_WITHIN_MS), 'cursor 2')
  assert.equal(assembly.holdsBack(3 + COMPLETE_WITHIN_MS), undefined)
})

test('what is not complete in time is void for every reader', () => {
  const assembly = new Assembly()
  const parts = envelopes(bytes(60), 1)
  assembly.add(parts[0] as Envelope, at(0))
  assembly.add(parts[1] as Envelope, at(1))
  assert.equal(assembly.add(parts[2] as Envelope, at(COMPLETE_WITHIN_MS + 1)), undefined)
})

test('a snapshot is under way until its writer is silent for too long', () => {
  const assembly = new Assembly()
  const parts = envelopes(bytes(60), 1, 'c')
  assembly.add(parts[0] as Envelope, at(0))
  assert.equal(assembly.snapshotUnderWay(1_000), true)
  assert.equal(assembly.snapshotUnderWay(30_000), false)
  assembly.add(parts[1] as Envelope, at(40_000))
  assert.equal(assembly.snapshotUnderWay(41_000), true)
})

test('a flood of beginnings is bounded, and the oldest is given up', () => {
  const assembly = new Assembly()
  const first = envelopes(bytes(60), 255)
  assembly.add(first[0] as Envelope, at(1))
  for (let i = 0; i < 300; i++) {
    const [beginning] = encodeMessage(
      { update: bytes(60), covers: undefined },
      Uint8Array.from([1, 0, 0, 0, 0, 0, i >> 8, i & 255]),
      40,
    )
    assembly.add(decodeEnvelope(beginning), at(2))
  }
  assembly.add(first[1] as Envelope, at(3))
  assert.equal(assembly.add(first[2] as Envelope, at(3)), undefined)
})

test('whatever the bytes are, they are an envelope or unreadable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const { snapshot, payload } = decodeEnvelope(bytes)
        decodeMessage(payload, snapshot)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'unreadable')
      }
    }),
  )
})
