import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWireCloseCode } from './close-code.ts'

test('of all 65,536 close codes, exactly the registered, library and private ones may stand in a Close frame', () => {
  const runs: [number, number][] = []
  for (let code = 0; code < 65_536; code++) {
    if (!isWireCloseCode(code)) continue
    const last = runs.at(-1)
    if (last?.[1] === code - 1) last[1] = code
    else runs.push([code, code])
  }
  assert.deepEqual(runs, [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ])
})
