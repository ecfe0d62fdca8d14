import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AnswerError } from './errors.ts'
import { formatExtensions, parseExtensions } from './extension.ts'
import {
  answerDeflate,
  offerDeflate,
  readDeflateChoice,
  type DeflateAgreement,
  type DeflateWishes,
} from './permessage-deflate.ts'

const NO_TAKEOVER: DeflateWishes = {
  contextTakeover: false,
  peerContextTakeover: false,
  windowBits: 15,
  peerWindowBits: 15,
}
const TAKEOVER: DeflateWishes = { ...NO_TAKEOVER, contextTakeover: true, peerContextTakeover: true }

/** What a server with these wishes answers to an offer, as the header says it. */
function answer(offer: string, wishes: DeflateWishes): string | undefined {
  const choice = answerDeflate(parseExtensions(offer)!, wishes)
  return choice && formatExtensions([choice.answer])
}

function agreement(takeover: [boolean, boolean], bits: [number, number]): DeflateAgreement {
  const [outgoing, incoming] = [0, 1].map((at) => ({ contextTakeover: takeover[at]!, windowBits: bits[at]! }))
  return { outgoing: outgoing!, incoming: incoming! }
}

test('§7.1: a server answers the first offer that is valid', () => {
  const plain = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'
  const cases: [offer: string, answer: string | undefined][] = [
    ['permessage-deflate', plain],
    ['permessage-deflate; client_max_window_bits', plain],
    ['permessage-deflate; client_max_window_bits=15', plain],
    ['permessage-deflate; client_max_window_bits=10', `${plain}; client_max_window_bits=10`],
    ['permessage-deflate; server_max_window_bits=10', `${plain}; server_max_window_bits=10`],
    ['permessage-deflate; server_max_window_bits="8"', `${plain}; server_max_window_bits=8`],
    [
      'x-other; a=1, permessage-deflate; foo, permessage-deflate; server_max_window_bits=9',
      `${plain}; server_max_window_bits=9`,
    ],
    ['permessage-deflate; server_max_window_bits=15', `${plain}; server_max_window_bits=15`],
    ['x-other, permessage-Deflate', undefined],
  ]
  for (const [offer, expected] of cases) assert.equal(answer(offer, NO_TAKEOVER), expected, offer)
})

test('§7.1: an offer with a parameter that is unknown, doubled or wrong is declined', () => {
  for (const parameters of [
    'foo',
    'foo=9',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=1e1',
    'server_max_window_bits=9.5',
    'client_max_window_bits=0',
    'client_max_window_bits=x',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=9',
    '__proto__',
    'constructor=9',
  ]) {
    assert.equal(answer(`permessage-deflate; ${parameters}`, TAKEOVER), undefined, parameters)
  }
})

test('a server that lets contexts live says nothing of them, and honours a client that does not', () => {
  assert.equal(answer('permessage-deflate', TAKEOVER), 'permessage-deflate')
  assert.equal(
    answer('permessage-deflate; client_no_context_takeover', TAKEOVER),
    'permessage-deflate; client_no_context_takeover',
  )
  assert.equal(
    answer('permessage-deflate; server_no_context_takeover', TAKEOVER),
    'permessage-deflate; server_no_context_takeover',
  )
})

test('§7.1.2: windows are as small as the smaller wish, and only a client that named its own is told one', () => {
  const narrow = { ...TAKEOVER, windowBits: 11, peerWindowBits: 10 }
  assert.equal(answer('permessage-deflate', narrow), 'permessage-deflate; server_max_window_bits=11')
  const offer = 'permessage-deflate; client_max_window_bits; server_max_window_bits=9'
  const choice = answerDeflate(parseExtensions(offer)!, narrow)!
  assert.equal(
    formatExtensions([choice.answer]),
    'permessage-deflate; server_max_window_bits=9; client_max_window_bits=10',
  )
  assert.deepEqual(choice.agreement, agreement([true, true], [9, 10]))
})

test('a client offers what it wants and reads what the server made of it', () => {
  const offer = (wishes: DeflateWishes): string => formatExtensions([offerDeflate(wishes)])
  assert.equal(offer(TAKEOVER), 'permessage-deflate; client_max_window_bits')
  assert.equal(
    offer({ ...NO_TAKEOVER, windowBits: 9, peerWindowBits: 12 }),
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
      'server_max_window_bits=12; client_max_window_bits=9',
  )
  assert.equal(readDeflateChoice([], TAKEOVER), undefined)
  assert.equal(readDeflateChoice([], undefined), undefined)
})

const read = (chosen: string, wishes: DeflateWishes | undefined): DeflateAgreement | undefined =>
  readDeflateChoice(parseExtensions(chosen)!, wishes)

test('§7.1: a client keeps its own wishes where the server does not ask for less', () => {
  const own = { ...TAKEOVER, contextTakeover: false, windowBits: 10 }
  assert.deepEqual(read('permessage-deflate', own), agreement([false, true], [10, 15]))
  assert.deepEqual(
    read('permessage-deflate; client_max_window_bits=9; server_max_window_bits=8', own),
    agreement([false, true], [9, 8]),
  )
})

test('§7.1: a client fails an answer that it did not ask for', () => {
  const cases: [chosen: string, wishes: DeflateWishes | undefined][] = [
    ['permessage-deflate', undefined],
    ['x-other', TAKEOVER],
    ['permessage-deflate, permessage-deflate', TAKEOVER],
    ['permessage-deflate; foo', TAKEOVER],
    ['permessage-deflate', NO_TAKEOVER],
    ['permessage-deflate; client_max_window_bits', TAKEOVER],
    ['permessage-deflate; client_max_window_bits=12', { ...TAKEOVER, windowBits: 11 }],
    ['permessage-deflate; server_max_window_bits=12', { ...TAKEOVER, peerWindowBits: 11 }],
    ['permessage-deflate', { ...TAKEOVER, peerWindowBits: 11 }],
  ]
  for (const [chosen, wishes] of cases) {
    assert.throws(
      () => read(chosen, wishes),
      (error) => error instanceof AnswerError && error.code === 'bad-extension',
      chosen,
    )
  }
})

test('whatever both wish, client and server of ours agree on the same terms', () => {
  const wishes = fc.record({
    contextTakeover: fc.boolean(),
    peerContextTakeover: fc.boolean(),
    windowBits: fc.integer({ min: 8, max: 15 }),
    peerWindowBits: fc.integer({ min: 8, max: 15 }),
  })
  fc.assert(
    fc.property(wishes, wishes, (client, server) => {
      const offer = parseExtensions(formatExtensions([offerDeflate(client)]))!
      const { answer: chosen, agreement: servers } = answerDeflate(offer, server)!
      const clients = readDeflateChoice(parseExtensions(formatExtensions([chosen]))!, client)!
      assert.deepEqual(clients.incoming, servers.outgoing)
      assert.deepEqual(clients.outgoing, servers.incoming)
      assert.ok(clients.outgoing.windowBits <= Math.min(client.windowBits, server.peerWindowBits))
      assert.ok(clients.incoming.windowBits <= Math.min(client.peerWindowBits, server.windowBits))
    }),
  )
})
