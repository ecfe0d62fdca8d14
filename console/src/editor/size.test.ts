import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sizeOf } from './size.ts'

test('a size is said in the unit that suits it', () => {
  assert.deepEqual([999, 1_500, 2_500_000].map(sizeOf), ['999 B', '1.5 kB', '2.5 MB'])
})
