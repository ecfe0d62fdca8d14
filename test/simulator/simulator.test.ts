/**
 * The guarantee under faults: thousands of schedules, each of them reproducible from its seed, and not one in which
 * a promise of docs/guarantees.md is broken. mutations.test.ts shows that a broken one would be found. Seeds run in
 * processes of their own: what a test runner hangs onto every promise would make them three times as slow.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { Chance } from './chance.ts'
import { FAULTS } from './plan.ts'
import { run } from './run.ts'

const SEEDS = Number(process.env['HOLDFAST_SEEDS'] ?? 2_000)
/** Each of these is run twice. */
const REPEATED = 100
const DELIVERED = /([\d,]+) publications delivered/

const simulate = async (
  ...options: readonly string[]
): Promise<{ status: number | null; output: string }> => {
  // Whoever runs tests tells its children to report to it; this one reports for itself.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const args = ['--conditions', 'holdfast-source', join(import.meta.dirname, 'main.ts'), ...options]
  const child = spawn(process.execPath, args, { env })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output: Buffer.concat(chunks).toString() }
}

test(`G1 G2 G3 hold in ${SEEDS} schedules`, { timeout: 280_000 }, async (t) => {
  const { status, output } = await simulate('--seeds', String(SEEDS), '--workers', '2')
  assert.equal(status, 0, output.slice(-10_000))
  t.diagnostic(output.trim().split('\n').at(-2) ?? '')
  assert.ok(output.includes(`${SEEDS} of ${SEEDS} seeds, 0 failed`), output)
  const delivered = Number(DELIVERED.exec(output)?.[1]?.replaceAll(',', ''))
  assert.ok(delivered > 10 * SEEDS, `something was at stake: ${output}`)
  if (SEEDS >= 1_000) assert.ok(output.includes(`faults: ${FAULTS.toSorted().join(', ')}`), output)
})

test('two runs of a seed are the same, step by step', { timeout: 60_000 }, async () => {
  const { status, output } = await simulate('--seeds', String(REPEATED), '--twice')
  assert.equal(status, 0, output)
})

test('runs of different seeds differ', async () => {
  const hashes = new Set<string>()
  for (let seed = 1; seed <= 10; seed++) hashes.add((await run(seed)).hash)
  assert.equal(hashes.size, 10)
})

test('chance depends on nothing but its seed, and on all of it', () => {
  const draw = (seed: number): number[] => {
    const chance = new Chance(seed)
    return Array.from({ length: 1_000 }, () => chance.next())
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
  assert.notDeepEqual(draw(7), draw(7 + 2 ** 32))
  const numbers = draw(7)
  assert.ok(numbers.every((each) => each >= 0 && each < 1))
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  assert.ok(Math.abs(mean - 0.5) < 0.05, `a mean of ${mean}`)
})

test('a seed is traced on demand, and the trace tells what happened', async () => {
  const { status, output } = await simulate('--trace', '1')
  assert.equal(status, 0, output)
  assert.match(output, /^seed 1: /m)
  assert.match(output, /^ +\d+\.\d{4} {2}client0/m)
  assert.match(output, /\d+ steps, trace [0-9a-f]{16}, 0 violations/)
})

test('an option that is no number is refused', async () => {
  const { status, output } = await simulate('--seeds', 'many')
  assert.equal(status, 2)
  assert.match(output, /--seeds is a whole number/)
})
