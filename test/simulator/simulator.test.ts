/**
 * The guarantee under faults: thousands of schedules, each of them reproducible from its seed, and not one in which
 * a promise of docs/guarantees.md is broken. mutations.test.ts shows that a broken one would be found.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fault, FAULTS } from './plan.ts'
import { type Outcome, run } from './run.ts'

const SEEDS = Number(process.env['HOLDFAST_SEEDS'] ?? 2_000)
/** Each of these is run twice. */
const REPEATED = 100

const again = ({ seed, violations }: Outcome): string =>
  `seed ${seed}: ${violations.map(({ rule, what }) => `${rule}: ${what}`).join('; ')}\nnpm run simulate -- --trace ${seed}`

test(`G1 G2 G3 hold in ${SEEDS} schedules`, { timeout: 280_000 }, async (t) => {
  const exercised = new Set<Fault>()
  const startedMs = performance.now()
  let delivered = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await run(seed)
    assert.deepEqual(outcome.violations, [], again(outcome))
    delivered += outcome.delivered
    for (const fault of outcome.plan.faults) exercised.add(fault)
  }
  const minutes = (performance.now() - startedMs) / 60_000
  t.diagnostic(`${Math.round(SEEDS / minutes)} seeds a minute, ${delivered} publications delivered`)
  assert.deepEqual([...exercised].toSorted(), FAULTS.toSorted(), 'every fault was among them')
  assert.ok(delivered > 10 * SEEDS, 'something was at stake')
})

test('two runs of a seed are the same, step by step', async () => {
  for (let seed = 1; seed <= REPEATED; seed++) {
    const [first, second] = [await run(seed), await run(seed, { traced: true })]
    assert.equal(first.hash, second.hash, `seed ${seed}`)
    assert.equal(first.steps, second.steps)
  }
})

test('runs of different seeds differ', async () => {
  const hashes = new Set<string>()
  for (let seed = 1; seed <= REPEATED; seed++) hashes.add((await run(seed)).hash)
  assert.equal(hashes.size, REPEATED)
})
