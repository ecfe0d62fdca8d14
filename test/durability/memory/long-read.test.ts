/** A long history costs whoever reads it time, and the node no memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLong } from './long-read.ts'

const ENTRIES = 200_000
const MIB = 1024 * 1024
/** What is compiled while it runs, and what is under way just then. */
const SLACK = 4 * MIB

test('a client reads 200,000 publications: what the node holds at each tenth of the way stays the same', async (t) => {
  const { points, grown } = await readLong({ entries: ENTRIES })
  t.diagnostic(points.map(({ held }) => (held / MIB).toFixed(1)).join(' '))
  assert.equal(points.length, 10)
  assert.ok(grown <= SLACK, `${(grown / MIB).toFixed(1)} MiB more than at the first tenth`)
})

test('a node that kept the pages it reads would be noticed', async (t) => {
  const { points, grown } = await readLong({ entries: ENTRIES, leaks: true })
  t.diagnostic(points.map(({ held }) => (held / MIB).toFixed(1)).join(' '))
  assert.ok(grown > 4 * SLACK, `${(grown / MIB).toFixed(1)} MiB`)
})
