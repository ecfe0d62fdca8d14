import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DocumentState } from 'holdfast/yjs'
import { acceptClaim } from './claims.ts'
import { hereOf } from './people.ts'
import { isWritable, savingOf } from './saving.ts'

const place = { type: null, tname: 'text', item: null, assoc: 0 }
const user = { id: 'a', name: 'Ada' }

test('a claim is taken with a name and a place, and with no colour but the one given here', () => {
  const claim = {
    user: { ...user, color: 'url(javascript:1)' },
    cursor: { anchor: place, head: place },
    x: 1,
  }
  const accepted = acceptClaim(claim) as { user: { name: string; color: string }; cursor: unknown }
  assert.equal(accepted.user.name, 'Ada')
  assert.match(accepted.user.color, /^light-dark\(hsl\(\d+ 70% 33%\), hsl\(\d+ 75% 74%\)\)$/)
  assert.deepEqual(accepted.cursor, { anchor: place, head: place })
  assert.deepEqual(Object.keys(accepted), ['user', 'cursor'])
})

test('a place that is in no text of ours is nowhere', () => {
  const bad = [
    { ...place, tname: 'another' },
    { ...place, type: { client: 1, clock: 1 } },
    { ...place, item: { client: -1, clock: 0 } },
    { ...place, item: { client: 'x', clock: 0 } },
    { ...place, assoc: 'left' },
    { tname: null, item: null },
    'text',
    null,
  ]
  for (const anchor of bad) {
    const accepted = acceptClaim({ user, cursor: { anchor, head: place } }) as { cursor: unknown }
    assert.equal(accepted.cursor, null, JSON.stringify(anchor))
  }
  for (const state of [
    null,
    1,
    'x',
    {},
    { user: null },
    { user: { id: 1, name: 'x' } },
    { user: { id: 'x', name: {} } },
  ])
    assert.equal(acceptClaim(state), undefined)
  assert.equal(
    (acceptClaim({ user: { id: 'x', name: 'n'.repeat(1_000) } }) as { user: { name: string } }).user.name
      .length,
    40,
  )
})

const state = (change: Partial<DocumentState>): DocumentState => ({
  synced: true,
  unsent: 0,
  log: { entries: 0, bytes: 0 },
  covered: 0,
  compacting: false,
  refused: undefined,
  incomplete: false,
  unreadable: 0,
  ended: undefined,
  ...change,
})

test('what becomes of what is typed is said in words', () => {
  assert.equal(savingOf(state({}), 'connected').text, 'Saved')
  assert.equal(savingOf(state({ unsent: 1 }), 'connected').kind, 'sending')
  assert.equal(savingOf(state({ unsent: 1 }), 'waiting').text, 'Offline. 1 change waiting')
  assert.equal(savingOf(state({ unsent: 3 }), 'offline').text, 'Offline. 3 changes waiting')
  assert.equal(savingOf(state({ synced: false }), 'connected').text, 'Reading …')
  assert.equal(isWritable(state({ synced: false })), false)
  assert.equal(isWritable(state({ unsent: 9 })), true)
})

test('who is here is said in words, oneself first, whether or not the node knows of oneself yet', () => {
  const [wen, mo] = [
    { id: 'b', name: 'Wen' },
    { id: 'c', name: 'Mo' },
  ]
  assert.equal(hereOf([], user), 'Only you')
  assert.equal(hereOf([user], user), 'Only you')
  assert.equal(hereOf([user, wen], user), 'You and Wen')
  assert.equal(hereOf([mo, wen], user), 'You and 2 others')
})
