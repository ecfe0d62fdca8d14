/** The crash run, short: what `npm run crash` does with 200 kills. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crash } from './run.ts'

test('20 times killed with -9 while six clients publish: nothing acknowledged is lost, nothing is doubled', async (t) => {
  const report = await crash({ kills: 20 })
  t.diagnostic(JSON.stringify(report))
  const { lost, doubled, outOfOrder, inDoubt, inDoubtDoubled, refused, gaps, misdelivered } = report
  assert.deepEqual(
    { lost, doubled, outOfOrder, inDoubt, inDoubtDoubled, refused, gaps, misdelivered },
    {
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      inDoubt: 0,
      inDoubtDoubled: 0,
      refused: 0,
      gaps: 0,
      misdelivered: 0,
    },
  )
  assert.ok(report.acknowledged > 500, 'there was something to lose')
})
