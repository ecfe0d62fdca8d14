/** What becomes of a room's name that somebody writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tidyRoomName } from './room-names.ts'

test('a room’s name is one part of a channel’s name and of an address', () => {
  const names = [
    'Lobby',
    ' Über uns! ',
    'a/b',
    '../..',
    'a/typing',
    '🎉',
    '__proto__',
    'مرحبا',
    'x'.repeat(99),
  ]
  assert.deepEqual(names.map(tidyRoomName), [
    'lobby',
    'über-uns',
    'a-b',
    '',
    'a-typing',
    '🎉',
    'proto',
    'مرحبا',
    'x'.repeat(40),
  ])
  for (const name of names) assert.equal(tidyRoomName(tidyRoomName(name)), tidyRoomName(name))
})
