import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChannelRules, matchesPattern, MAX_KEYS, PRESENCE_OPTIONS } from './channel-rules.ts'
import { presenceChannel } from './presence.ts'
import { EPHEMERAL_RETENTION, FULL_RETENTION, MEMORY_RETENTION } from './retention.ts'

/** The same, by trying every way: exponential, for short names only. */
const matchesNaively = (pattern: string, name: string): boolean => {
  if (pattern === '') return name === ''
  if (pattern[0] !== '*') return name[0] === pattern[0] && matchesNaively(pattern.slice(1), name.slice(1))
  for (let at = 0; at <= name.length; at++) {
    if (matchesNaively(pattern.slice(1), name.slice(at))) return true
  }
  return false
}

test('`*` stands for any characters, everything else for itself', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 })
  fc.assert(
    fc.property(patterns, short, (pattern, name) => {
      assert.equal(matchesPattern(pattern, name), matchesNaively(pattern, name))
    }),
    { numRuns: 5_000 },
  )
})

test('patterns that two parts would have to share do not match', () => {
  assert.equal(matchesPattern('ab*ba', 'aba'), false)
  assert.equal(matchesPattern('a*bc*c', 'abc'), false)
  assert.equal(matchesPattern('a*bc*c', 'abcc'), true)
  assert.equal(matchesPattern('chat/*', 'chat/'), true)
  assert.equal(matchesPattern('.*', 'x'), false)
})

test('without rules a channel is kept as a memory channel, and may be made and have members', () => {
  const rules = new ChannelRules()
  assert.deepEqual(rules.optionsFor('__proto__'), {
    contentType: 'json',
    retention: MEMORY_RETENTION,
    ephemeral: false,
    conflated: false,
    maxKeys: MAX_KEYS,
  })
  assert.equal(rules.mayCreate('any'), true)
  assert.equal(rules.hasPresence('any'), true)
  assert.equal(rules.mayPublish('any'), true)
})

test('what a rule does not say of retention is the default of the broker, but not of ephemeral channels', () => {
  const kept = { count: 7, ageMs: Infinity, bytes: 8 }
  const rules = new ChannelRules(
    [
      { pattern: 'a', retention: { count: 5 } },
      { pattern: 'b', ephemeral: true },
    ],
    kept,
  )
  assert.deepEqual(rules.optionsFor('c').retention, kept)
  assert.deepEqual(rules.optionsFor('a').retention, { ...kept, count: 5 })
  assert.deepEqual(rules.optionsFor('b').retention, EPHEMERAL_RETENTION)
})

test('the first rule that matches decides, whole', () => {
  const rules = new ChannelRules([
    { pattern: 'a/b', contentType: 'bytes', retention: { count: 5 }, maxKeys: 7, conflated: true },
    { pattern: 'a/*', ephemeral: true, create: false, presence: false, publish: false },
  ])
  assert.deepEqual(rules.optionsFor('a/b'), {
    contentType: 'bytes',
    retention: { ...MEMORY_RETENTION, count: 5 },
    ephemeral: false,
    conflated: true,
    maxKeys: 7,
  })
  assert.equal(rules.mayCreate('a/b'), true)
  assert.deepEqual(rules.optionsFor('a/c').retention, EPHEMERAL_RETENTION)
  assert.equal(rules.optionsFor('a/c').ephemeral, true)
  assert.equal(rules.mayCreate('a/c'), false)
  assert.equal(rules.hasPresence('a/c'), false)
  assert.equal(rules.mayPublish('a/c'), false)
  assert.equal(rules.mayPublish('a/b'), true)
})

test('a presence channel is kept in its own way, whatever the rules say', () => {
  const rules = new ChannelRules([{ pattern: '*', contentType: 'bytes', retention: { count: 1 } }])
  assert.equal(rules.optionsFor(presenceChannel('a')), PRESENCE_OPTIONS)
})

test('a stream that is asked for keeps everything, but for what its rule limits', () => {
  const rules = new ChannelRules([{ pattern: 'short/*', retention: { count: 5 } }])
  const { retention, ...plain } = rules.streamOptionsFor('any', 'bytes') ?? assert.fail()
  assert.deepEqual(plain, { contentType: 'bytes', ephemeral: false, conflated: false, maxKeys: MAX_KEYS })
  assert.deepEqual(retention, FULL_RETENTION)
  assert.deepEqual(rules.streamOptionsFor('short/a', 'json')?.retention, { ...FULL_RETENTION, count: 5 })
})

test('a channel that its rule keeps for something else is made no stream', () => {
  const rules = new ChannelRules([
    { pattern: 'keyed', conflated: true },
    { pattern: 'passing', ephemeral: true },
    { pattern: 'json', contentType: 'json' },
  ])
  for (const channel of ['keyed', 'passing', 'json', presenceChannel('any')]) {
    assert.equal(rules.streamOptionsFor(channel, 'bytes'), undefined, channel)
  }
  assert.equal(rules.streamOptionsFor('json', 'json')?.contentType, 'json')
})

test('a rule says who may write, and when its channels go', () => {
  const expiry = { kind: 'idle', afterMs: 5 } as const
  const rules = new ChannelRules([
    { pattern: 'told/*', publish: false, expiry },
    { pattern: 'open', publish: true },
  ])
  assert.deepEqual(
    ['told/', 'told/x', 'open', 'other'].map((name) => rules.mayPublish(name)),
    [false, false, true, true],
  )
  assert.deepEqual(rules.optionsFor('told/x').expiry, expiry)
  assert.equal('expiry' in rules.optionsFor('other'), false)
})
