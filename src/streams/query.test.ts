import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeQuery } from './query.ts'

test('it says what URLSearchParams says', () => {
  const piece = fc.constantFrom(
    'offset',
    'live',
    'cursor',
    'x',
    '=',
    '&',
    '%3D',
    '+',
    'long-poll',
    '-1',
    '%zz',
    'é',
    '~',
  )
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        const params = new URLSearchParams(text)
        const twice = ['offset', 'live'].some((name) => params.getAll(name).length > 1)
        if (twice) {
          assert.throws(() => decodeQuery(text), { code: 'malformed' })
          return
        }
        for (const name of ['offset', 'live', 'cursor'] as const)
          assert.equal(decodeQuery(text)[name] ?? null, params.get(name))
      },
    ),
  )
})
