// When a peer that says nothing is gone: what a link and its WebSocket decide, with a clock that the test moves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransportError } from './errors.ts'
import { Link, type LinkPort } from './link.ts'
import { settingsOf } from './options.ts'
import type { SocketEvents } from './transports/socket.ts'
import { websocketTransport } from './transports/websocket.ts'

const WELCOME = '{"type":"reply","id":0,"ok":{}}'
const ANSWER = '{"type":"reply","id":1,"ok":{}}'
const PUBLICATION = '{"type":"publication","channel":"a"}'

const open = () => {
  const clock = { ms: 1_000_000, passed: 0 }
  const due = new Set<{ at: number; run: () => void }>()
  const downs: string[] = []
  const sent = { pings: 0 }
  let events: SocketEvents | undefined
  const timers = {
    now: () => clock.ms,
    random: () => 0,
    after: (ms: number, run: () => void) => {
      const timer = { at: clock.passed + ms, run }
      due.add(timer)
      return () => due.delete(timer)
    },
  }
  const port = {
    timers,
    settings: settingsOf({}),
    credentials: {},
    feeds: { wantedBy: () => new Map(), offer: () => false },
    outbox: { reply: () => {} },
    ping: () => sent.pings++,
  } as unknown as LinkPort
  const owner = {
    welcome: () => {},
    progress: () => {},
    down: (_: Link, error: TransportError) => downs.push(error.code),
  }
  const transport = websocketTransport('ws://node/ws', (_url, _protocol, given) => {
    events = given
    return { send: () => {}, close: () => {} }
  })
  const link = new Link(port, owner, transport)
  link.open(3_000)
  events?.open()
  const hear = (text: string): void => events?.message(text)
  hear(WELCOME)
  /** Runs what comes due in so many seconds. */
  const pass = (seconds: number): void => {
    const until = clock.passed + seconds * 1_000
    for (;;) {
      const [next] = [...due].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      due.delete(next)
      clock.ms += next.at - clock.passed
      clock.passed = next.at
      next.run()
    }
    clock.ms += until - clock.passed
    clock.passed = until
  }
  return { link, clock, downs, sent, hear, pass }
}

test('a peer that answers no ping is gone', () => {
  const { downs, sent, pass } = open()
  pass(30)
  assert.deepEqual([downs, sent.pings], [[], 1], 'a ping has been sent')
  pass(10)
  assert.deepEqual(downs, ['silent'])
})

for (const [what, text] of [
  ['an answer', ANSWER],
  ['a publication', PUBLICATION],
] as const)
  test(`${what} after a ping shows that the peer is there, and it is asked again`, () => {
    const { downs, sent, hear, pass } = open()
    pass(28)
    hear(text)
    pass(20)
    assert.deepEqual([downs, sent.pings], [[], 1])
    pass(20)
    assert.deepEqual([downs, sent.pings], [['silent'], 2])
  })

test('what came before it was asked shows nothing', () => {
  const { link, downs, hear, pass } = open()
  hear(PUBLICATION)
  link.check()
  pass(10)
  assert.deepEqual(downs, ['silent'])
})

test('a clock that is set back does not make a silent peer seem to be there', () => {
  const { clock, downs, pass } = open()
  clock.ms -= 3_600_000
  pass(40)
  assert.deepEqual(downs, ['silent'])
})

test('a link that was closed is asked nothing more', () => {
  const { link, downs, sent, pass } = open()
  link.check()
  link.close()
  pass(120)
  assert.deepEqual([downs, sent.pings], [[], 1])
})
