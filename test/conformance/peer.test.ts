// The suite itself: a subject that is wrong in any way that it looks for is found out. The subjects are hex.

import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { closes, closeBody, fails, hear, hex, round, send, type Step, text } from './case.ts'
import { Deflate } from './deflate.ts'
import { Peer } from './peer.ts'

const CLOSE = '880203e8'

const hello: readonly Step[] = round(text('Hello'))
const refused: readonly Step[] = [send(text('Hello', { rsv: 2 })), fails(1002)]

/** What the subject says from the start, what it should have said, and what is found. */
const WRONG: readonly (readonly [title: string, says: string, steps: readonly Step[], found: RegExp])[] = [
  ['another text', `810548656c6c6e${CLOSE}`, hello, /expected text .* heard text/],
  ['binary for text', `820548656c6c6f${CLOSE}`, hello, /expected text .* heard binary/],
  ['text that is not UTF-8', `8101ff${CLOSE}`, hello, /not UTF-8/],
  ['a masked frame', '81850000000048656c6c6f', hello, /a masked frame/],
  ['a length that is not minimal', '817e000548656c6c6f', hello, /a length of 5/],
  ['a reserved bit', 'c10548656c6c6f', hello, /reserved bits/],
  ['a reserved opcode', '830548656c6c6f', hello, /opcode 3 between messages/],
  ['a continuation of nothing', '800548656c6c6f', hello, /opcode 0 between messages/],
  ['a message inside a message', '010148 81026c6f', hello, /opcode 1 inside messages/],
  ['a fragmented pong', '0a00', hello, /wrong control frame/],
  ['one message too many', `810548656c6c6f 810161 ${CLOSE}`, hello, /expected Close 1000, heard text/],
  ['a frame behind its Close frame', `810548656c6c6f ${CLOSE} 8900`, hello, /expected the end, heard ping/],
  ['an end inside a frame', '810548656c', hello, /ended inside a frame/],
  ['an end without a Close frame', '810548656c6c6f', hello, /expected Close 1000, heard the end/],
  ['half a close code', '810548656c6c6f 880103', hello, /wrong Close frame/],
  ['another close code', CLOSE, refused, /expected Close 1002, heard Close 1000/],
  ['an echo of what it should refuse', `810548656c6c6f ${CLOSE}`, refused, /expected Close 1002, heard text/],
  [
    'no code where there is one',
    '8800',
    closes(closeBody(1000)),
    /expected Close 1000, heard Close undefined/,
  ],
]

for (const [title, says, steps, found] of WRONG) {
  test(`${title} is found`, async () => {
    const [ours, theirs] = duplexPair()
    theirs.resume().end(hex(says))
    await assert.rejects(new Peer(ours, { role: 'client' }).play({ steps }), found)
  })
}

test('a subject that says nothing more is found when its time is up', async () => {
  const [ours, theirs] = duplexPair()
  theirs.resume().write(hex('810548656c6c6f'))
  const peer = new Peer(ours, { role: 'client', deadlineMs: 20 })
  await assert.rejects(peer.play({ steps: hello }), /still at step 4, answers after 20 ms/)
})

test('a subject that uses a window or a context it must not have is found', async () => {
  const message = Buffer.from('the same words, '.repeat(40))
  const sender = new Deflate({ windowBits: 15, takeover: true }, { windowBits: 15, takeover: true })
  const [first, second] = [await sender.compress(message), await sender.compress(message)]
  const forgetful = new Deflate({ windowBits: 15, takeover: true }, { windowBits: 15, takeover: false })
  assert.deepEqual(await forgetful.inflate(first), message)
  await assert.rejects(forgetful.inflate(second), /does not inflate/)
  const far = Buffer.concat([Buffer.from('only here'), Buffer.alloc(2_000, 'x'), Buffer.from('only here')])
  const small = new Deflate({ windowBits: 15, takeover: true }, { windowBits: 9, takeover: true })
  const wide = await new Deflate(
    { windowBits: 15, takeover: true },
    { windowBits: 9, takeover: true },
  ).compress(far)
  await assert.rejects(small.inflate(wide), /does not inflate/)
})

test('and a subject that is right in everything passes', async () => {
  const [ours, theirs] = duplexPair()
  theirs.resume().end(hex(`810548656c6c6f ${CLOSE}`))
  await new Peer(ours, { role: 'client' }).play({ steps: [hear(text('Hello'))] })
})
