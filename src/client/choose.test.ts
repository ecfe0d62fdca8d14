// Which transport, after what was seen; and that each choice can say why.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'
import { Choice } from './choose.ts'
import { refused, TransportError, type TransportErrorCode } from './errors.ts'
import type { TransportName } from './options.ts'

const OPTIONS = { helloTimeoutMs: 3_000, provenAfterMs: 10_000 }

const choice = (wanted: TransportName | 'auto' = 'auto'): Choice =>
  new Choice(wanted, OPTIONS, new Backoff({ minMs: 100, maxMs: 1_000 }, { random: () => 1 }))
const failure = (code: TransportErrorCode): TransportError => new TransportError(code, 'it failed')

test('WebSocket comes first', () => {
  assert.equal(choice().transport, 'websocket')
  assert.deepEqual(choice().why, { code: 'first_choice', text: 'WebSocket is the fastest' })
})

test('no hello within 3 s: the next one, at once, and it says why', () => {
  const auto = choice()
  assert.equal(auto.failed(failure('no_hello')), 0)
  assert.equal(auto.transport, 'sse')
  assert.deepEqual(auto.why, { code: 'fell_back', text: 'WebSocket did not answer hello within 3 s, so SSE' })
})

test('each further fall adds its reason; below regular polling there is nothing', () => {
  const auto = choice()
  auto.failed(failure('upgrade_refused'))
  auto.failed(failure('buffered'))
  assert.equal(auto.transport, 'long-polling')
  assert.equal(
    auto.why.text,
    'WebSocket could not be opened (it failed); SSE is held back on its way, so long polling',
  )
  assert.equal(auto.last, false)
  auto.failed(failure('cut'))
  assert.equal(auto.transport, 'polling')
  assert.equal(auto.last, true)
})

test('nothing answers at all: nothing is held against any transport, and the next round starts at the top', () => {
  const auto = choice()
  assert.equal(
    auto.failed(failure('unreachable')),
    0,
    'a WebSocket that cannot connect may be just a WebSocket',
  )
  assert.equal(auto.transport, 'sse')
  assert.equal(auto.failed(failure('unreachable')), 100)
  assert.equal(auto.transport, 'websocket')
  assert.equal(auto.why.code, 'first_choice')
})

test('what answered hello is where the next round starts', () => {
  const auto = choice()
  auto.failed(failure('upgrade_refused'))
  auto.greeted()
  assert.equal(auto.mayImprove, true)
  auto.died(failure('cut'), 60_000)
  assert.equal(auto.transport, 'sse')
  assert.equal(auto.failed(failure('unreachable')), 200)
  assert.equal(auto.transport, 'sse')
  assert.equal(auto.why.code, 'fell_back')
})

test('two deaths before it is proven demote it, one does not, and a proven life forgives', () => {
  const auto = choice()
  auto.greeted()
  auto.died(failure('cut'), 3_000)
  auto.greeted()
  auto.proven()
  auto.died(failure('cut'), 11_000)
  auto.greeted()
  auto.died(failure('cut'), 3_000)
  assert.equal(auto.transport, 'websocket')
  auto.greeted()
  auto.died(failure('silent'), 9_999)
  assert.equal(auto.transport, 'sse')
  assert.deepEqual(auto.why, {
    code: 'fell_back',
    text: 'WebSocket died twice within 10 s of opening, so SSE',
  })
})

test('being proven resets the backoff, and a connection that merely opened does not', () => {
  const auto = choice('websocket')
  assert.equal(auto.died(failure('cut'), 1), 100)
  auto.greeted()
  assert.equal(auto.died(failure('cut'), 1), 200)
  auto.greeted()
  auto.proven()
  assert.equal(auto.died(failure('cut'), 20_000), 100)
})

test("the server's own word is no fault of the transport", () => {
  const auto = choice()
  const busy = refused({ code: 'too_many_connections', message: 'busy', retry: 'backoff' }, 5_000)
  assert.equal(auto.failed(busy), 5_000, 'Retry-After is honoured')
  assert.equal(auto.transport, 'websocket')
  auto.greeted()
  auto.died(busy, 1)
  auto.greeted()
  auto.died(busy, 1)
  assert.equal(auto.transport, 'websocket')
})

test('a refusal for good stops', () => {
  const never = refused({ code: 'unsupported_version', message: 'no', retry: 'never' })
  assert.equal(choice().failed(never), undefined)
  assert.equal(choice().died(never, 1), undefined)
})

test('a token that cannot be had says nothing about a transport', () => {
  const auto = choice()
  assert.equal(auto.failed(failure('token')), 100)
  assert.equal(auto.transport, 'websocket')
})

test('a transport that was asked for is kept, whatever happens', () => {
  const forced = choice('sse')
  for (let i = 0; i < 5; i++) {
    assert.notEqual(forced.failed(failure('no_hello')), undefined)
    forced.greeted()
    forced.died(failure('cut'), 1)
  }
  assert.equal(forced.transport, 'sse')
  assert.deepEqual(forced.why, { code: 'asked_for', text: 'SSE was asked for' })
  assert.equal(forced.mayImprove, false)
})

test('a probe that proved itself is the new choice', () => {
  const auto = choice()
  auto.failed(failure('no_hello'))
  auto.greeted()
  auto.promoted()
  assert.equal(auto.transport, 'websocket')
  assert.deepEqual(auto.why, { code: 'probed', text: 'WebSocket works now' })
  assert.equal(auto.mayImprove, false)
})

test('when the fastest was wanted and cannot be had, what is in use stays and says why', () => {
  const auto = choice()
  auto.stay('long-polling', failure('upgrade_refused'))
  assert.equal(auto.transport, 'long-polling')
  assert.deepEqual(auto.why, {
    code: 'fell_back',
    text: 'WebSocket could not be opened (it failed), so long polling',
  })
  assert.equal(auto.mayImprove, true)
})
