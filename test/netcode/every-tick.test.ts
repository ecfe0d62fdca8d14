/** Ticks keep to the clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyTick } from 'holdfast/netcode'

const TICK_MS = 20

test('ticks come at their time, and what could not be done in time is left out, but for a few', async () => {
  const calledMs: number[] = []
  let wake: () => void = () => undefined
  const beganMs = performance.now()
  const stop = everyTick(TICK_MS, () => {
    calledMs.push(performance.now())
    wake()
  })
  const more = async (count: number): Promise<void> => {
    const wanted = calledMs.length + count
    while (calledMs.length < wanted) await new Promise<void>((resolve) => (wake = resolve))
  }
  await more(20)
  for (const [index, atMs] of calledMs.entries())
    assert.ok(atMs - beganMs >= (index + 1) * TICK_MS - 0.01, `tick ${index} came at ${atMs - beganMs} ms`)
  const before = calledMs.length
  for (const untilMs = performance.now() + 40 * TICK_MS; performance.now() < untilMs;);
  const resumedMs = performance.now()
  await more(1)
  assert.ok(calledMs.length - before <= 4, `${calledMs.length - before} at once`)
  await more(10)
  // Those that were made up for, and then one for each tick that has passed.
  const passed = (performance.now() - resumedMs) / TICK_MS
  assert.ok(calledMs.length - before <= passed + 5, `${calledMs.length - before} in ${passed} ticks`)
  stop()
  const ended = calledMs.length
  await new Promise((resolve) => setTimeout(resolve, 3 * TICK_MS))
  assert.equal(calledMs.length, ended)
})
