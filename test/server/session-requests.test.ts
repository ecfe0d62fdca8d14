/** What is thrown at the session endpoint in well-formed HTTP: bodies, cursors, names, numbers, depth. */
import assert from 'node:assert/strict'
import { hostile } from './hostile.ts'
import { codeOf, eventually, type NodeUnderTest, okOf } from './node-under-test.ts'

const refusal = async (node: NodeUnderTest, body: unknown): Promise<string> => {
  const answer = await node.post(body)
  return `${answer.status} ${answer.body.error?.code}`
}

hostile('RF54: a body that is no JSON object of the right fields is 400, malformed', async (node) => {
  const bodies = [
    ...[
      '',
      '\n',
      '\n\n\n',
      ' ',
      '{',
      '}',
      '{}{}',
      '{"a":}',
      "{'a':1}",
      'NaN',
      'undefined',
      '/**/{}',
      '{"a":1,}',
    ],
    ...['[]', '[{}]', 'null', '1', '"{}"', 'true'],
    ...['{"subscribe":[]}', '{"subscribe":null}', '{"subscribe":"a"}', '{"subscribe":{"a":null}}'],
    ...['{"subscribe":{"a":"now"}}', '{"subscribe":{"a":[]}}', '{"subscribe":{"a":{"conflate":1}}}'],
    ...[
      '{"commands":{}}',
      '{"commands":null}',
      '{"commands":"x"}',
      '{"session":1}',
      '{"token":{}}',
      '{"token":null}',
    ],
    ...['{"live":true}', '{"live":"ws"}', '{"live":null}', '{"live":"__proto__"}'],
    ...['{"limit":-1}', '{"limit":1.5}', '{"limit":"1"}', '{"limit":1e400}', '{"limit":9007199254740992}'],
    ...['{"holdMs":-1}', '{"holdMs":null}', '{"holdMs":0.1}'],
  ]
  for (const body of bodies) assert.equal(await refusal(node, body), '400 malformed', body)
})

hostile('RF54: a body that is not UTF-8 is 400, malformed', async (node) => {
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0x22, 0xc0, 0xaf, 0x22]]) {
    const response = await fetch(`${node.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.concat([Buffer.from('{"x":"'), Buffer.from(bytes), Buffer.from('"}')]),
    })
    assert.equal(response.status, 400)
    await response.body?.cancel()
  }
})

hostile('RF93: a limit of nothing is 400, malformed', async (node) => {
  assert.equal(await refusal(node, { limit: 0 }), '400 malformed')
})

hostile('RF55: whatever spells no cursor is 400, bad_cursor', async (node) => {
  const epoch = '0'.repeat(13)
  const froms = [
    ...[
      '',
      '-0',
      '0',
      '1',
      '-2',
      '1e3',
      '+1',
      ' now',
      'now ',
      'NOW',
      'last',
      'last:',
      'last:0',
      'last:01',
      'last:-1',
    ],
    ...['last:1e3', 'last:1000000', 'last:9007199254740992', '9007199254740992', '18446744073709551616'],
    ...[`${epoch}_`, `${epoch}_1`, `${epoch}_${'0'.repeat(15)}`, `${epoch}_${'0'.repeat(17)}`],
    ...[`${epoch}_9007199254740992`, `${epoch}_000000000000000x`, `${epoch}_00000000000000-1`],
    ...[
      `${epoch}_0000000000000001_`,
      `${epoch}_0000000000000001_1234567`,
      `${epoch}_0000000000000001_1234567G`,
    ],
    ...[
      `${epoch.slice(1)}_0000000000000001`,
      `${'A'.repeat(13)}_0000000000000001`,
      `${epoch} 0000000000000001`,
    ],
    ...['__proto__', 'constructor', '\u0000', '\u{1f600}', 'x'.repeat(10_240)],
    ...[1, 0, -1, 1.5, true, {}, [], ['now'], [`${epoch}_0000000000000001`], { epoch, offset: 1 }],
  ]
  for (const from of froms) {
    assert.equal(await refusal(node, { subscribe: { a: { from } } }), '400 bad_cursor', JSON.stringify(from))
    assert.equal(await refusal(node, { subscribe: { a: { from } }, live: 'long-poll' }), '400 bad_cursor')
    assert.equal(await refusal(node, { subscribe: { a: { from } }, live: 'sse' }), '400 bad_cursor')
  }
  assert.equal(await refusal(node, { subscribe: { a: { from: null } } }), '400 bad_cursor')
})

hostile('CU9: a cursor that is well spelled and unknown is a gap, not an error', async (node) => {
  await node.server.publish('a', 1)
  for (const from of [`${'z'.repeat(13)}_9007199254740991`, `${'0'.repeat(13)}_0000000000000000_deadbeef`]) {
    const { status, body } = await node.post({ subscribe: { a: { from } } })
    assert.deepEqual([status, body.events[0]?.type, body.events[0]?.['why']], [200, 'gap', 'epoch'])
    assert.equal(body.events[1]?.['data'], 1)
  }
})

hostile('RF16: names that are no channel names are 400, bad_channel_name', async (node) => {
  const names = [
    '',
    '\n',
    'a\r\nb',
    '\u0000',
    '\u001b[31m',
    '\u007f',
    '\u2028',
    '\u2029',
    '\ud800',
    'x'.repeat(256),
  ]
  for (const name of [...names, 'ä'.repeat(128)]) {
    assert.equal(
      await refusal(node, { subscribe: { [name]: {} } }),
      '400 bad_channel_name',
      JSON.stringify(name),
    )
  }
  const { body } = await node.post({ subscribe: { ['x'.repeat(255)]: {}, ['ä'.repeat(127)]: {}, ' ': {} } })
  assert.equal(Object.keys(body.cursors).length, 3)
})

hostile('CH1: channels may be called what means something to an object', async (node) => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '.',
    '..',
    '*',
    '$presence/x',
  ]
  const subscribe = `{${names.map((name) => `"${name}":{"from":"-1"}`).join(',')}}`
  for (const name of names.slice(0, 5)) await node.server.publish(name, name)
  const { status, body } = await node.post(`{"subscribe":${subscribe}}`)
  assert.equal(status, 200)
  assert.deepEqual(
    Object.keys(body.cursors).sort((a, b) => (a < b ? -1 : 1)),
    names.sort((a, b) => (a < b ? -1 : 1)),
  )
  const published = body.events.filter((event) => event.type === 'publication')
  assert.deepEqual(
    published.map((event) => event['channel'] === event['data']),
    [true, true, true, true, true],
  )
  assert.equal(({} as Record<string, unknown>)['from'], undefined)
})

hostile(
  'RF56: more than 100 channels in a request are 429, too_many_subscriptions, a million keys too large',
  async (node) => {
    const subscribe = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, {}]))
    assert.equal(await refusal(node, { subscribe: subscribe(101) }), '429 too_many_subscriptions')
    assert.equal(await refusal(node, { subscribe: subscribe(10_000) }), '429 too_many_subscriptions')
    assert.equal((await node.post({ subscribe: subscribe(100) })).status, 200)
    const keys = Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',')
    const response = await fetch(`${node.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{${keys}}`,
    }).catch(() => undefined)
    // The node hangs up on a body of 8 MB; whether its answer is still read is the network's to say.
    if (response !== undefined) assert.equal(response.status, 413)
    await response?.body?.cancel()
    assert.equal(
      (await node.post(`{"x":{${keys.slice(0, 100_000).replace(/,"?[\d":]*$/, '')}}}`)).status,
      200,
    )
  },
)

hostile('RF57: more than 1,000 commands in a batch are 413, too_large', async (node) => {
  const commands = Array.from({ length: 1_001 }, (_, id) => ({ type: 'ping', id }))
  assert.equal(await refusal(node, { commands }), '413 too_large')
})

hostile('RF54: JSON nested 10,000 deep, or as deep as a body can hold, harms nobody', async (node) => {
  node.server.handle('echo', (params) => params)
  for (const depth of [10_000, 60_000]) {
    const deep = '['.repeat(depth) + ']'.repeat(depth)
    assert.equal(await refusal(node, deep), '400 malformed')
    assert.equal((await node.post(`{"ignored":${deep}}`)).status, 200)
    const { body } = await node.post(`{"commands":[
      {"type":"call","id":1,"method":"echo","params":${deep}},
      {"type":"ping","id":2}]}`)
    assert.equal(body.replies?.length, 2)
    okOf(body.replies?.[1])
    const published = await node.post(
      `{"commands":[{"type":"publish","id":1,"channel":"deep","data":${deep}}]}`,
    )
    assert.ok([undefined, 'malformed', 'too_large'].includes(codeOf(published.body.replies?.[0])))
  }
  const history = await node.post({ commands: [{ type: 'history', id: 1, channel: 'deep' }] })
  assert.equal(history.body.replies?.length, 1)
  node.faults.length = 0
})

hostile('CM1: unknown fields are ignored, wherever they stand', async (node) => {
  const { status } = await node.post({
    subscribe: { a: { from: 'now', future: { x: 1 } } },
    commands: [{ type: 'ping', id: 1, future: true, __proto__: { type: 'trim' } }],
    future: [],
  })
  assert.equal(status, 200)
})

hostile('CM4: commands that cannot be read are refused one by one', async (node) => {
  const cursor = `${'0'.repeat(13)}_${'0'.repeat(16)}`
  const commands: [string, object][] = [
    ['malformed', { type: 'publish', channel: 'a' }],
    ['malformed', { type: 'publish', channel: 'a', base64: '*' }],
    ['malformed', { type: 'publish', channel: 'a', base64: 'YQ' }],
    ['malformed', { type: 'publish', channel: 'a', data: 1, key: 1 }],
    ['malformed', { type: 'publish', channel: 'a', data: 1, producer: { id: '', epoch: 0, seq: 0 } }],
    ['malformed', { type: 'publish', channel: 'a', data: 1, producer: { id: 'p', epoch: -1, seq: 0 } }],
    ['malformed', { type: 'publish', channel: 'a', data: 1, producer: { id: 'p', epoch: 0, seq: 0.5 } }],
    ['malformed', { type: 'publish', channel: 'a', data: 1, producer: 'p' }],
    [
      'malformed',
      { type: 'publish', channel: 'a', data: 1, producer: { id: 'p'.repeat(129), epoch: 0, seq: 0 } },
    ],
    ['bad_cursor', { type: 'publish', channel: 'a', data: 1, expect: 'now' }],
    ['bad_channel_name', { type: 'publish', channel: ['a'], data: 1 }],
    ['malformed', { type: 'history', channel: 'a', limit: 1_001 }],
    ['bad_cursor', { type: 'history', channel: 'a', from: 'yesterday' }],
    ['bad_cursor', { type: 'trim', channel: 'a', upTo: '-1' }],
    ['malformed', { type: 'call', method: '' }],
    ['malformed', { type: 'call' }],
    ['malformed', { type: 'auth' }],
    ['malformed', { type: 'auth', token: 'x'.repeat(16_385) }],
    ['malformed', { type: '__proto__' }],
    ['malformed', {}],
    ['not_found', { type: 'trim', channel: 'nowhere', upTo: cursor }],
    ['unsupported_version', { type: 'hello', version: 2 }],
  ]
  const { body } = await node.post({ commands: commands.map(([, command], id) => ({ ...command, id })) })
  assert.deepEqual(
    body.replies?.map((reply) => codeOf(reply)),
    commands.map(([code]) => code),
  )
  const without = await node.post({ commands: [null, 1, [], { type: 'ping' }, { type: 'ping', id: 1.5 }] })
  assert.deepEqual([without.status, without.body.replies], [200, undefined])
})

hostile('LP5: a thousand polls at once, half of them aborted, leave nothing', async (node) => {
  const cursor = await node.server.publish('a', 1)
  const aborts = Array.from({ length: 150 }, () => new AbortController())
  const request = { subscribe: { a: { from: cursor } }, live: 'long-poll' }
  const answers = aborts.map((abort) => node.post(request, { signal: abort.signal }).catch(() => undefined))
  await eventually(() => node.server.stats().held === 150, 'all of them are held')
  for (const abort of aborts.slice(75)) abort.abort()
  await eventually(() => node.server.stats().held === 75, 'half of them have gone')
  await node.server.publish('a', 2)
  const bodies = await Promise.all(answers)
  assert.equal(bodies.filter((answer) => answer?.body.events[0]?.['data'] === 2).length, 75)
})
