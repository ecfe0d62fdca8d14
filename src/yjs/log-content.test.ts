import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyUpdate, decodeUpdate, Doc, encodeStateAsUpdate } from 'yjs'
import { LogContent } from './log-content.ts'

/** A document and the updates that made it. */
const written = (edits: readonly (readonly [number, boolean])[], into = new Doc()): Uint8Array[] => {
  const updates: Uint8Array[] = []
  into.on('update', (update: Uint8Array) => updates.push(update))
  const text = into.getText('text')
  for (const [at, erase] of edits) {
    const place = text.length === 0 ? 0 : at % text.length
    if (erase && text.length > 0) text.delete(place, 1)
    else text.insert(place, 'ab')
  }
  return updates
}

const edits = fc.array(fc.tuple(fc.nat(50), fc.boolean()), { minLength: 1, maxLength: 30 })

test('of what is in the log nothing is missing, in whatever order it lies there', () => {
  fc.assert(
    fc.property(edits, fc.infiniteStream(fc.nat()), (edits, order) => {
      const doc = new Doc()
      const updates = written(edits, doc)
      const content = new LogContent()
      const keyed = updates.map((update) => [order.next().value as number, update] as const)
      for (const [, update] of keyed.toSorted((a, b) => a[0] - b[0])) content.add(decodeUpdate(update))
      assert.equal(content.missing(doc), undefined)
    }),
  )
})

test('what is missing makes a reader of the log equal to the document', () => {
  fc.assert(
    fc.property(edits, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (edits, kept) => {
      const doc = new Doc()
      const updates = written(edits, doc)
      const content = new LogContent()
      const reader = new Doc()
      updates.forEach((update, index) => {
        if (kept[index] !== true) return
        content.add(decodeUpdate(update))
        applyUpdate(reader, update)
      })
      const missing = content.missing(doc)
      if (missing !== undefined) applyUpdate(reader, missing)
      assert.equal(reader.getText('text').toJSON(), doc.getText('text').toJSON())
      assert.deepEqual(encodeStateAsUpdate(reader), encodeStateAsUpdate(doc))
    }),
  )
})

test('an empty document lacks nothing', () => {
  assert.equal(new LogContent().missing(new Doc()), undefined)
})
