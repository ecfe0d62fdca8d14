// What the WebSocket transport decides by itself: when a peer that says nothing is gone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransportError } from '../errors.ts'
import { settingsOf } from '../options.ts'
import type { SocketEvents } from './socket.ts'
import type { TransportHost } from './transport.ts'
import { websocketTransport } from './websocket.ts'

interface Fixture {
  readonly events: SocketEvents
  readonly clock: { ms: number }
  readonly downs: string[]
  readonly pings: number
  /** Runs what comes due next. */
  readonly next: () => void
}

const open = (): Fixture => {
  const clock = { ms: 1_000_000 }
  const due: (() => void)[] = []
  const downs: string[] = []
  let events: SocketEvents | undefined
  let pings = 0
  const host = {
    timers: {
      now: () => clock.ms,
      random: () => 0,
      after: (ms: number, run: () => void) => {
        due.push(() => {
          clock.ms += ms
          run()
        })
        return () => {}
      },
    },
    settings: settingsOf({}),
    credentials: {},
    channels: () => new Map(),
    ping: () => pings++,
    down: (error: TransportError) => downs.push(error.code),
    welcome: () => {},
    progress: () => {},
  } as unknown as TransportHost
  const transport = websocketTransport('ws://node/ws', (_url, _protocol, given) => {
    events = given
    return { send: () => {}, close: () => {} }
  })(host)
  transport.open()
  events?.open()
  return {
    events: events as SocketEvents,
    clock,
    downs,
    get pings() {
      return pings
    },
    next: () => due.shift()?.(),
  }
}

const WELCOME = '{"type":"reply","id":0,"ok":{}}'

test('a peer that answers no ping is gone', () => {
  const { events, downs, next } = open()
  events.message(WELCOME)
  next()
  assert.deepEqual(downs, [], 'a ping has been sent')
  next()
  assert.deepEqual(downs, ['silent'])
})

test('whatever comes after a ping shows that the peer is there', () => {
  const fixture = open()
  fixture.next()
  fixture.events.message(WELCOME)
  fixture.next()
  assert.deepEqual(fixture.downs, [])
  fixture.next()
  assert.equal(fixture.pings, 2, 'it asks again')
})

test('a clock that is set back does not make a silent peer seem to be there', () => {
  const { events, clock, downs, next } = open()
  events.message(WELCOME)
  clock.ms -= 3_600_000
  next()
  next()
  assert.deepEqual(downs, ['silent'])
})
