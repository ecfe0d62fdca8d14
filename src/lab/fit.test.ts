import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fit } from './fit.ts'

const phases = (each: readonly [number, number], ...events: readonly (readonly [number, number])[]) =>
  events.map(([a, b]) => ({ events: [a, b] as const, cost: a * each[0] + b * each[1] }))

const near = (actual: number, wanted: number): void =>
  assert.ok(Math.abs(actual - wanted) < 1e-6 * Math.max(1, wanted), `${actual} is not ${wanted}`)

test('what a sum has made, the fit takes apart again', () => {
  const { each, residual } = fit(phases([1_030, 249], [80, 0], [80, 500], [80, 2_000], [120, 8_000]))
  near(each[0], 1_030)
  near(each[1], 249)
  near(residual, 0)
})

test('a kind that never happened costs nothing', () => {
  const { each } = fit(phases([0, 249], [0, 500], [0, 2_000]))
  assert.equal(each[0], 0)
  near(each[1], 249)
})

test('kinds that always come together are laid upon the first', () => {
  const { each, residual } = fit(phases([700, 300], [10, 10], [40, 40]))
  near(each[0], 1_000)
  assert.equal(each[1], 0)
  near(residual, 0)
})

test('nothing costs less than nothing, and the residual says how far that is off', () => {
  const { each, residual } = fit([
    { events: [10, 0], cost: 10_000 },
    { events: [10, 100], cost: 8_000 },
  ])
  assert.equal(each[1], 0)
  assert.ok(each[0] > 800 && each[0] < 1_000)
  assert.ok(residual > 0.05 && residual < 0.25, `${residual}`)
})
