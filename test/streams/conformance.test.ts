/**
 * The public conformance suite of Durable Streams, on each broker. `HOLDFAST_BROKERS` names those to run on, separated
 * by commas; all of them by default.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BROKERS } from './brokers.ts'
import { runConformance } from './conformance/run.ts'

/** What the suite has without forks and subscriptions, in the version that is installed; it may grow. */
const AT_LEAST = 250

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

for (const { name, open } of BROKERS) {
  test(`Durable Streams conformance: ${name}`, { timeout: 240_000 }, async (t) => {
    const { broker, close } = await open()
    t.after(close)
    const { passed, failed, skipped } = await runConformance(broker)
    t.diagnostic(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped on ${name}`)
    assert.deepEqual(failed, [])
    assert.deepEqual(skipped, [])
    assert.ok(passed >= AT_LEAST, `${passed} tests ran`)
    assert.ok(README.includes(`${passed} of ${passed}`), `the README does not say ${passed}`)
  })
}
