/** docs/streams.md says what happens. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createServer } from 'holdfast/server'
import { isAsExpected, stepsOf, type } from '../docs/console-examples.ts'

const DOCUMENT = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'streams.md'), 'utf8')

test('what is typed on the page of streams gives what stands there', { timeout: 30_000 }, async (t) => {
  const server = createServer()
  const { url } = await server.listen()
  t.after(() => server.close({ graceMs: 100 }))
  const steps = stepsOf(DOCUMENT)
  assert.ok(steps.length > 20)
  const came = await type(steps, { STREAM: `${url}/v1/stream` })
  assert.equal(came.length, steps.length)
  for (const [index, { command, expected }] of steps.entries()) {
    const real = came[index] as string
    if (!isAsExpected(real, expected)) assert.equal(real, expected, command)
  }
})
