// Percentiles of what was seen, over a bounded window.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatencyWindow } from './latency.ts'

test('nothing was seen', () => {
  assert.deepEqual(new LatencyWindow().read(), { last: null, p50: null, p99: null })
})

test('the middle and the 99th of a hundred', () => {
  const window = new LatencyWindow()
  for (let ms = 100; ms >= 1; ms--) window.add(ms)
  assert.deepEqual(window.read(), { last: 1, p50: 51, p99: 100 })
})

test('only the latest 512 count', () => {
  const window = new LatencyWindow()
  window.add(1_000_000)
  for (let i = 0; i < 512; i++) window.add(2)
  assert.deepEqual(window.read(), { last: 2, p50: 2, p99: 2 })
})
