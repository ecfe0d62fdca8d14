import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Cursor,
  EPOCH_LENGTH,
  EpochCounter,
  formatCursor,
  formatPosition,
  isCursor,
  parseCursor,
  parsePosition,
  type Position,
} from './cursor.ts'

const EPOCH = '0mabcdef01234'
const digits = (offset: number): string => String(offset).padStart(16, '0')

const chars = (alphabet: string, length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length })
const cursors: fc.Arbitrary<Cursor> = fc
  .record({
    epoch: chars('0123456789abcdefghijklmnopqrstuvwxyz', EPOCH_LENGTH),
    offset: fc.maxSafeNat(),
    stamp: fc.option(chars('0123456789abcdef', 8), { nil: undefined }),
  })
  .map(({ epoch, offset, stamp }) => (stamp === undefined ? { epoch, offset } : { epoch, offset, stamp }))

test('a cursor survives being written and read', () => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      assert.deepEqual(parseCursor(formatCursor(cursor)), cursor)
      assert.deepEqual(parsePosition(formatPosition(cursor)), cursor)
    }),
  )
})

test('a cursor has one spelling: whatever is read is written the same', () => {
  const near = fc
    .tuple(cursors.map(formatCursor), fc.nat(50), fc.string({ unit: 'binary', maxLength: 2 }), fc.nat(2))
    .map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
      const position = parsePosition(text)
      if (position !== undefined) assert.equal(formatPosition(position), text)
    }),
    { numRuns: 2_000 },
  )
})

test('cursors of one epoch sort as text', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      const [x, y] = [formatCursor({ epoch: EPOCH, offset: a }), formatCursor({ epoch: EPOCH, offset: b })]
      assert.equal(x < y, a < b)
    }),
  )
})

test('sentinels are read and written', () => {
  const sentinels: [string, Position][] = [
    ['-1', 'start'],
    ['now', 'now'],
    ['last:1', { last: 1 }],
    ['last:999999', { last: 999_999 }],
  ]
  for (const [text, position] of sentinels) {
    assert.deepEqual(parsePosition(text), position)
    assert.equal(formatPosition(position), text)
    assert.equal(isCursor(position), false)
  }
  assert.equal(isCursor({ epoch: EPOCH, offset: 0 }), true)
})

const MALFORMED = [
  '',
  '0',
  '-0',
  '-2',
  '1e3',
  'NOW',
  ' now',
  'start',
  'last',
  'last:',
  'last:0',
  'last:01',
  'last:-1',
  'last:1e3',
  'last:1000000',
  'last:１',
  '9007199254740992',
  '18446744073709551616',
  '__proto__',
  'constructor',
  '[object Object]',
  EPOCH,
  `${EPOCH}_`,
  `${EPOCH}_1`,
  `${EPOCH}_${'9'.repeat(16)}`,
  `${EPOCH}_9007199254740992`,
  `${EPOCH}_18446744073709551616`,
  `${EPOCH}_-000000000000001`,
  `${EPOCH}_+000000000000001`,
  `${EPOCH}_00000000000001e3`,
  `${EPOCH}_00000000000000x1`,
  `${EPOCH}_000000000000001 `,
  `${EPOCH}_00000000000000.1`,
  `${EPOCH}-${digits(1)}`,
  `${EPOCH.toUpperCase()}_${digits(1)}`,
  `__proto__1234_${digits(1)}`,
  `${EPOCH}_${digits(1)}_`,
  `${EPOCH}_${digits(1)}_ABCDEF01`,
  `${EPOCH}_${digits(1)}_abcdefg1`,
  `${EPOCH}_${digits(1)}-abcdef01`,
  `${EPOCH}_${digits(1)}_abcdef012`,
  `${EPOCH}_${digits(1)}_abcdef01_`,
  '0'.repeat(10_240),
  `${EPOCH}_${'0'.repeat(10_240)}1`,
]

for (const text of MALFORMED) {
  test(`not a cursor: ${text.length > 60 ? `${text.slice(0, 40)}… (${text.length})` : JSON.stringify(text)}`, () => {
    assert.equal(parsePosition(text), undefined)
    assert.equal(parseCursor(text), undefined)
  })
}

test('the largest offset is 2^53 − 1', () => {
  assert.deepEqual(parseCursor(`${EPOCH}_9007199254740991`), {
    epoch: EPOCH,
    offset: Number.MAX_SAFE_INTEGER,
  })
})

test('epochs have one length, never repeat, and later ones sort later, whatever the clock does', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 4e12 }),
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ),
        {
          minLength: 2,
        },
      ),
      (ticks) => {
        const counter = new EpochCounter()
        const epochs = ticks.map(([nowMs, random]) => counter.next(nowMs, random))
        for (const epoch of epochs) assert.equal(parseCursor(`${epoch}_${digits(0)}`)?.epoch, epoch)
        assert.deepEqual(epochs, [...new Set(epochs)].sort())
      },
    ),
  )
})
