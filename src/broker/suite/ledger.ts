/** Publishing once: the ledger's rules, in the same step as the append. */
import assert from 'node:assert/strict'
import { type MakeBroker, refused, type Stage, staged, textsOf } from './stage.ts'

const seq = (number: number, fields: { epoch?: number; again?: boolean; id?: string } = {}) => ({
  producer: { id: 'p', epoch: 0, seq: number, ...fields },
})

const once = (stage: Stage, text: string, ...by: Parameters<typeof seq>) =>
  stage.append([{ data: JSON.stringify(text) }], seq(...by))

export const ledgerSuite = (make: MakeBroker): void => {
  staged(
    'the same sequence again is answered with the first result, and appended once',
    make,
    async (stage) => {
      await stage.publish('before')
      const first = await stage.publishAll(['a', 'b'], seq(0))
      await stage.publish('c', seq(1))
      await stage.publish('after')
      for (const again of [false, true]) {
        const result = await once(stage, 'a', 0, { again })
        assert.ok(result.kind === 'duplicate')
        const { kind, epoch, first: from, last, lastSeq, tail, status } = result
        assert.deepEqual(
          { kind, epoch, first: from, last, lastSeq, status },
          { kind: 'duplicate', epoch: first.epoch, first: 2, last: 3, lastSeq: 1, status: 'open' },
        )
        assert.deepEqual([tail.epoch, tail.offset], [epoch, 5])
      }
      assert.deepEqual(textsOf(await stage.read('start')), ['before', 'a', 'b', 'c', 'after'])
    },
  )

  staged(
    'a duplicate whose result is no longer kept has no offset',
    make,
    async (stage) => {
      for (let i = 0; i < 3; i++) await stage.publish('x', seq(i))
      const result = await once(stage, 'x', 0)
      assert.deepEqual([result.kind, 'first' in result], ['duplicate', false])
    },
    { ledger: { resultsKept: 2 } },
  )

  staged('a hole is refused, and says what is missing', make, async (stage) => {
    await stage.publish('a', seq(0))
    const result = await once(stage, 'c', 2)
    refused(result, 'producer_hole')
    assert.equal(result.kind === 'refused' && result.expected, 1)
    await stage.publish('b', seq(1))
    await stage.publish('c', seq(2))
  })

  staged('a refusal consumes no sequence', make, async (stage) => {
    const { epoch } = await stage.publish('a', seq(0))
    refused(await stage.append([{ data: new Uint8Array(1) }], seq(1)), 'content_type')
    refused(await stage.append([{ data: '1' }], { ...seq(1), expect: { epoch, offset: 0 } }), 'expect_failed')
    await stage.publish('b', { ...seq(1), expect: { epoch, offset: 1 } })
  })

  staged(
    'the ledger comes before expect: a duplicate is one although the tail has moved',
    make,
    async (stage) => {
      const { epoch } = await stage.publish('a')
      const expecting = { ...seq(0), expect: { epoch, offset: 1 } }
      await stage.publish('b', expecting)
      assert.equal((await stage.append([{ data: '"b"' }], expecting)).kind, 'duplicate')
    },
  )

  staged('a duplicate of what closed the channel is one, and no refusal', make, async (stage) => {
    await stage.publish('a', { ...seq(0), close: true })
    const result = await once(stage, 'a', 0, { again: true })
    assert.deepEqual(result.kind === 'duplicate' && result.status, 'closed')
    refused(await once(stage, 'b', 1), 'closed')
  })

  staged(
    'an unknown producer is refused on a resend, whatever its sequence, and past 0',
    make,
    async (stage) => {
      await stage.publish('other', seq(0, { id: 'q' }))
      refused(await once(stage, 'a', 0, { again: true }), 'producer_unknown')
      refused(await once(stage, 'a', 4), 'producer_unknown')
      await stage.publish('a', seq(0))
      await stage.publish('b', seq(1, { again: true }))
    },
  )

  staged('a fence closes an epoch, says what was accepted, and is idempotent', make, async (stage) => {
    await stage.publish('a', seq(0))
    await stage.publish('b', seq(1))
    const fenced = { known: true, last: 1, epoch: 1 }
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), fenced)
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), fenced)
    const late = await once(stage, 'late', 2)
    refused(late, 'producer_fenced')
    assert.equal(late.kind === 'refused' && late.expected, 1)
    await stage.publish('c', seq(0, { epoch: 1 }))
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), fenced, 'a late copy of the same fence')
    await stage.publish('d', seq(1, { epoch: 1 }))
    assert.deepEqual(textsOf(await stage.read('start')), ['a', 'b', 'c', 'd'])
  })

  staged('a later epoch closes the one before, and starts at 0', make, async (stage) => {
    await stage.publish('a', seq(0))
    refused(await once(stage, 'x', 1, { epoch: 3 }), 'producer_hole')
    await stage.publish('b', seq(0, { epoch: 3 }))
    refused(await once(stage, 'x', 1), 'producer_fenced')
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), { known: true, last: 0, epoch: 3 })
  })

  staged('a fence of what nobody knows says so, and holds where there is a log', make, async (stage) => {
    assert.deepEqual(await stage.broker.fence('missing', 'p', 4), { known: false, last: -1, epoch: 5 })
    await stage.publish('a')
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), { known: false, last: -1, epoch: 1 })
    refused(await once(stage, 'late', 0), 'producer_fenced')
  })

  staged('each channel has its own ledger, and so has each life of one', make, async (stage) => {
    await stage.publish('a', seq(0))
    await stage.publish('a', { ...seq(0), channel: 'd' })
    await stage.broker.delete('c')
    refused(await once(stage, 'b', 1), 'producer_unknown')
    assert.deepEqual(await stage.broker.fence('c', 'p', 0), { known: false, last: -1, epoch: 1 })
    await stage.publish('a', seq(0))
  })

  staged('who published is kept with the entry, without whether it was sent before', make, async (stage) => {
    await stage.publish('a', seq(0))
    await stage.publish('b', seq(1, { again: true }))
    const { entries } = await stage.read('start')
    assert.deepEqual(entries[1]?.publication.producer, { id: 'p', epoch: 0, seq: 1 })
  })

  staged(
    'a silent producer is forgotten after its time, but not before its entries are',
    make,
    async (stage) => {
      await stage.publish('a', seq(0))
      stage.clock.ms += 1_000
      await stage.broker.sweep()
      assert.equal((await once(stage, 'a', 0)).kind, 'duplicate')
      await stage.broker.trim('c', 2)
      await stage.broker.sweep()
      refused(await once(stage, 'b', 1), 'producer_unknown')
    },
    { ledger: { keepMs: 1_000 } },
  )
}
