import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PollNotes } from './poll-notes.ts'

const CURSORS = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`channel ${n}`, 'cursor']))

const noteOf = (session: string, atMs: number, cursors: Readonly<Record<string, string>>) => ({
  identity: {
    session,
    member: '',
    user: undefined,
    claims: undefined,
    address: '',
    knownSession: undefined,
    expiresAtMs: undefined,
  },
  transport: 'polling' as const,
  cursors,
  atMs,
})

test('what is noted is bounded in sessions and in cursors, and who asked last stays', () => {
  const notes = new PollNotes()
  for (let n = 0; n < 30_000; n++) notes.note(noteOf(`s${n}`, n, {}))
  assert.equal([...notes.values()].length, 20_000)
  for (let n = 0; n < 3_000; n++) notes.note(noteOf(`t${n}`, n, CURSORS))
  const kept = [...notes.values()]
  assert.equal(kept.length, 1_000)
  assert.equal(kept.at(-1)?.identity.session, 't2999')
})

test('a session that asks again is noted once, and one that does not is forgotten with its cursors', () => {
  const notes = new PollNotes()
  for (let n = 0; n < 5_000; n++) notes.note(noteOf('a', n, CURSORS))
  notes.note(noteOf('b', 5_000, CURSORS))
  assert.equal([...notes.values()].length, 2)
  notes.sweep(100_000)
  assert.deepEqual([...notes.values()], [])
  for (let n = 0; n < 1_000; n++) notes.note(noteOf(`c${n}`, n, CURSORS))
  assert.equal([...notes.values()].length, 1_000)
})
