/** What is thrown at streams: forged offsets, numbers out of range, fields twice, bodies that lie, requests that go away. */
import assert from 'node:assert/strict'
import { hostile } from '../server/hostile.ts'
import { eventually, type NodeUnderTest } from '../server/node-under-test.ts'
import type { RawAnswer } from '../server/raw-connection.ts'

const GENEROUS = { limits: { commandsPerSecond: 10_000, commandBurst: 10_000 } }

type Fields = Readonly<Record<string, string>>

/** One request with exactly these fields, on a connection of its own. */
const ask = (node: NodeUnderTest, line: string, fields: Fields = {}, body = ''): Promise<RawAnswer> => {
  const [method, target] = line.split(' ') as [string, string]
  const length =
    method === 'PUT' || method === 'POST' || body !== ''
      ? { 'content-length': String(Buffer.byteLength(body, 'latin1')) }
      : {}
  const head = Object.entries({ host: '127.0.0.1', connection: 'close', ...length, ...fields })
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return node.exchange(`${method} /v1/stream/${target} HTTP/1.1\r\n${lines}\r\n${body}`)
}

const codeIn = ({ body }: RawAnswer): string | undefined =>
  body === '' ? undefined : (JSON.parse(body) as { error: { code: string } }).error.code

const JSON_TYPE = { 'content-type': 'application/json' }
const TEXT_TYPE = { 'content-type': 'text/plain' }
const PRODUCER = { 'producer-id': 'p', 'producer-epoch': '0', 'producer-seq': '0' }

const make = async (
  node: NodeUnderTest,
  name: string,
  fields: Fields = JSON_TYPE,
  body = '',
): Promise<string> => {
  const { status, headers } = await ask(node, `PUT ${name}`, fields, body)
  assert.equal(status, 201)
  return headers['stream-next-offset'] as string
}

hostile(
  'what spells no offset is 400 in every mode, and a well-spelled one that cannot be served is 410',
  async (node) => {
    const next = await make(node, 'a', JSON_TYPE, '[1,2]')
    const other = await make(node, 'b', JSON_TYPE, '[1,2]')
    const epoch = next.slice(0, 13)
    const malformed = [
      ...['', '0', '-0', '-2', '+1', '1e3', 'NOW', 'last:3', 'undefined', 'null', '__proto__', 'constructor'],
      ...[
        `${epoch}_1`,
        `${epoch}_0000000000000001_`,
        `${epoch}_9007199254740992`,
        `${epoch}_99999999999999999`,
      ],
      ...[`${next} `, ` ${next}`, `${next}%00`, `${next}%0a`, next.toUpperCase(), 'x'.repeat(10_000)],
      ...['..%2f..%2fetc', '%', '%ff', '9007199254740993', '18446744073709551616', `${next},${next}`],
    ]
    for (const offset of malformed) {
      for (const live of ['', '&live=long-poll', '&live=sse']) {
        const answer = await ask(node, `GET a?offset=${offset.replaceAll(' ', '%20')}${live}`)
        assert.deepEqual([answer.status, codeIn(answer)], [400, 'bad_cursor'], offset.slice(0, 40) + live)
      }
    }
    for (const offset of [
      other,
      `${epoch}_0000000000000003`,
      `${epoch}_9007199254740991`,
      `${'z'.repeat(13)}_0000000000000000`,
    ]) {
      for (const live of ['', '&live=long-poll', '&live=sse']) {
        const answer = await ask(node, `GET a?offset=${offset}${live}`)
        assert.deepEqual([answer.status, codeIn(answer)], [410, 'bad_cursor'], offset + live)
      }
    }
  },
  GENEROUS,
)

hostile(
  'parameters that stand there twice, or say nothing known, are 400; unknown ones are ignored',
  async (node) => {
    const next = await make(node, 'a')
    for (const query of [
      `offset=${next}&offset=${next}`,
      `offset=${next}&live=sse&live=sse`,
      `offset=${next}&live=`,
      `offset=${next}&live=true`,
      `offset=${next}&live=SSE`,
      'live=sse',
      'live=long-poll',
    ]) {
      const answer = await ask(node, `GET a?${query}`)
      assert.equal(answer.status, 400, query)
    }
    assert.equal((await ask(node, `GET a?cursor=%00&__proto__=1&offset=${next}`)).status, 200)
  },
)

hostile(
  'producer fields come together, once, in one spelling, to 2^53 - 1',
  async (node) => {
    await make(node, 'a')
    const post = (fields: Fields): Promise<RawAnswer> => ask(node, 'POST a', { ...JSON_TYPE, ...fields }, '1')
    for (const number of [
      '',
      '-1',
      '+1',
      '01',
      '1.0',
      '1e3',
      '0x1',
      '9007199254740992',
      '9'.repeat(400),
      '1, 1',
      'NaN',
    ]) {
      for (const field of ['producer-epoch', 'producer-seq']) {
        const answer = await post({ ...PRODUCER, [field]: number })
        assert.deepEqual([answer.status, codeIn(answer)], [400, 'malformed'], `${field}: ${number}`)
      }
    }
    for (const id of ['', ' ', 'x'.repeat(129), 'caf\u00e9', '\u0001']) {
      assert.equal((await post({ ...PRODUCER, 'producer-id': id })).status, 400, id)
    }
    for (const left of Object.keys(PRODUCER)) {
      const fields: Record<string, string> = { ...PRODUCER }
      delete fields[left]
      assert.equal((await post(fields)).status, 400, left)
    }
    const most = String(Number.MAX_SAFE_INTEGER)
    const gap = await post({ ...PRODUCER, 'producer-epoch': most, 'producer-seq': most })
    assert.deepEqual(
      [gap.status, gap.headers['producer-expected-seq'], gap.headers['producer-received-seq']],
      [409, '0', most],
    )
    assert.equal((await post({ ...PRODUCER, 'producer-epoch': most })).status, 200)
    const stale = await post(PRODUCER)
    assert.deepEqual([stale.status, stale.headers['producer-epoch']], [403, most])
  },
  GENEROUS,
)

hostile('fields that are believed stand there once', async (node) => {
  await make(node, 'a')
  for (const [name, value] of Object.entries({ ...PRODUCER, 'stream-seq': '1', 'stream-closed': 'true' })) {
    const rest = { ...(name.startsWith('producer') ? PRODUCER : {}), [name]: `${value}\r\n${name}: ${value}` }
    const answer = await ask(node, 'POST a', { ...JSON_TYPE, ...rest }, '1')
    assert.deepEqual([answer.status, codeIn(answer)], [400, 'malformed'], name)
  }
  for (const name of ['stream-ttl', 'stream-expires-at']) {
    const value = name === 'stream-ttl' ? '60' : '2099-01-01T00:00:00Z'
    assert.equal((await ask(node, 'PUT b', { [name]: `${value}\r\n${name}: ${value}` })).status, 400, name)
  }
  assert.equal(
    (await ask(node, 'GET a', { authorization: 'Bearer a\r\nauthorization: Bearer b' })).status,
    400,
  )
  assert.equal((await ask(node, 'GET b')).status, 404, 'nothing was made')
})

hostile('a head that is too large, or has too many fields, is 431', async (node) => {
  await make(node, 'a')
  for (const line of ['GET a', 'POST a', `GET a?cursor=${'1'.repeat(17_000)}`]) {
    const fields = line.length > 100 ? {} : { 'producer-id': 'x'.repeat(17_000) }
    assert.equal((await ask(node, line, fields)).status, 431, line.slice(0, 20))
  }
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, '1']))
  assert.equal((await ask(node, 'GET a', many)).status, 431)
})

hostile('conditions that stand there twice are a list, also where a request is held', async (node) => {
  const next = await make(node, 'a')
  const twice = { 'if-none-match': '"x"\r\nif-none-match: "y"' }
  const held = ask(node, `GET a?offset=${next}&live=long-poll`, twice)
  await eventually(() => node.server.stats().held === 1, 'it is held')
  await ask(node, 'POST a', JSON_TYPE, '1')
  const answer = await held
  assert.deepEqual([answer.status, answer.body], [200, '[1]'])
  const { etag = '' } = answer.headers
  const again = { 'if-none-match': `"x"\r\nif-none-match: ${etag}` }
  assert.equal((await ask(node, `GET a?offset=${next}`, again)).status, 304)
})

hostile('flags are true or false, and Stream-Seq is printable', async (node) => {
  await make(node, 'a')
  for (const value of ['', 'yes', '1', 'true true']) {
    assert.equal(
      (await ask(node, 'POST a', { ...JSON_TYPE, 'stream-closed': value }, '1')).status,
      400,
      value,
    )
  }
  assert.equal((await ask(node, 'POST a', { ...JSON_TYPE, 'stream-closed': 'FALSE' }, '1')).status, 204)
  for (const value of ['', 'x'.repeat(257), '\u00e9', 'a\u0001']) {
    assert.equal((await ask(node, 'POST a', { ...JSON_TYPE, 'stream-seq': value }, '1')).status, 400, value)
  }
  assert.equal((await ask(node, 'GET a')).body, '[1]')
})

hostile('RF96: a Stream-Seq that is not greater than the last one is 409, sequence_behind', async (node) => {
  await make(node, 'a')
  const seq = (value: string): Promise<RawAnswer> =>
    ask(node, 'POST a', { ...JSON_TYPE, 'stream-seq': value }, '1')
  assert.equal((await seq('09')).status, 204)
  assert.equal((await seq('10')).status, 204)
  const behind = await seq('10')
  assert.deepEqual([behind.status, codeIn(behind)], [409, 'sequence_behind'])
})

hostile('a body that is not what it says is 400, and appends nothing', async (node) => {
  await make(node, 'a')
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  for (const body of [
    '',
    ' ',
    '[]',
    '{',
    '[1,]',
    '\u00ff',
    '"\u0000"',
    deep(502),
    deep(60_000),
    `{"a":${deep(500)}}`,
  ]) {
    const answer = await ask(node, 'POST a', JSON_TYPE, body)
    assert.deepEqual([answer.status, codeIn(answer)], [400, 'malformed'], body.slice(0, 20))
  }
  assert.equal((await ask(node, 'POST a', {}, '1')).status, 400, 'no Content-Type')
  assert.equal((await ask(node, 'POST a', { 'content-type': 'nonsense' }, '1')).status, 400)
  assert.equal((await ask(node, 'POST a', { ...JSON_TYPE, 'content-encoding': 'gzip' }, '1')).status, 415)
  for (const type of ['text/plain', 'application/json5', 'application/octet-stream']) {
    const answer = await ask(node, 'POST a', { 'content-type': type }, '1')
    assert.deepEqual([answer.status, codeIn(answer)], [409, 'content_type'])
  }
  assert.equal((await ask(node, 'GET a')).body, '[]')
})

hostile(
  'a body, an entry and a number of entries have bounds: beyond them 413',
  async (node) => {
    await make(node, 'json')
    await make(node, 'text', TEXT_TYPE)
    const { publicationBytes, messageBytes } = { publicationBytes: 1_000, messageBytes: 10_000 }
    const cases: readonly [string, Fields, string, number][] = [
      ['text', TEXT_TYPE, 'x'.repeat(publicationBytes), 204],
      ['text', TEXT_TYPE, 'x'.repeat(publicationBytes + 1), 413],
      ['json', JSON_TYPE, `["${'x'.repeat(publicationBytes - 2)}","b"]`, 204],
      ['json', JSON_TYPE, `["b","${'x'.repeat(publicationBytes - 1)}"]`, 413],
      ['json', JSON_TYPE, `[${'1,'.repeat(999)}1]`, 204],
      ['json', JSON_TYPE, `[${'1,'.repeat(1_000)}1]`, 413],
      ['json', JSON_TYPE, ' '.repeat(messageBytes) + '1', 413],
    ]
    for (const [stream, type, body, status] of cases) {
      assert.equal((await ask(node, `POST ${stream}`, type, body)).status, status, body.slice(0, 20))
    }
    assert.equal((await ask(node, 'PUT new', TEXT_TYPE, 'x'.repeat(publicationBytes + 1))).status, 413)
    assert.equal((await ask(node, 'GET new')).status, 404)
  },
  { limits: { publicationBytes: 1_000, messageBytes: 10_000 } },
)

hostile('names: whatever is a channel name is a stream, and nothing else is', async (node) => {
  for (const name of [
    '__proto__',
    'constructor',
    'a/b/c',
    '..',
    '.',
    '%F0%9F%98%80',
    'a%2Fb',
    'a%20b',
    '*',
    '%25',
  ]) {
    await make(node, name)
    assert.equal((await ask(node, `GET ${name}`)).body, '[]', name)
  }
  for (const name of ['', '%', '%ff', '%00', '%0a', 'x'.repeat(256), '%E2%80%A8', '%ed%a0%80']) {
    const answer = await ask(node, `PUT ${name}`)
    assert.deepEqual([answer.status, codeIn(answer)], [400, 'bad_channel_name'], name)
  }
  for (const method of ['PUT', 'POST', 'DELETE']) {
    assert.equal((await ask(node, `${method} %24presence%2Fa`, JSON_TYPE, '1')).status, 403, method)
  }
})

hostile('methods that a stream does not take are 405; forks are 501', async (node) => {
  const patch = await ask(node, 'PATCH a', {}, '1')
  assert.deepEqual([patch.status, patch.headers['allow']], [405, 'GET, HEAD, PUT, POST, DELETE, OPTIONS'])
  const fork = await ask(node, 'PUT b', { ...JSON_TYPE, 'stream-forked-from': '/v1/stream/a' })
  assert.equal(fork.status, 501)
})

hostile('no answer runs as a page of the node: neither data nor a refusal', async (node) => {
  await make(node, 'page', { 'content-type': 'text/html' }, '<script>alert(1)</script>')
  for (const line of ['GET page', 'GET missing', 'PATCH page', 'GET page?offset=x']) {
    const { headers } = await ask(node, line)
    assert.equal(headers['x-content-type-options'], 'nosniff', line)
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox", line)
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', line)
  }
})

hostile(
  'a channel with keys, or that is let go of at once, is not made by PUT nor appended to by POST',
  async (node) => {
    for (const name of ['keyed/a', 'passing/a']) {
      const answer = await ask(node, `PUT ${name}`, JSON_TYPE)
      assert.deepEqual([answer.status, codeIn(answer)], [403, 'forbidden'], name)
    }
    assert.equal((await ask(node, 'PUT bytes/a', JSON_TYPE)).status, 403)
    await node.server.publish('keyed/a', 1, { key: 'k' })
    const answer = await ask(node, 'POST keyed/a', JSON_TYPE, '2')
    assert.deepEqual([answer.status, codeIn(answer)], [405, 'key_required'])
    assert.equal((await ask(node, 'GET keyed/a')).body, '[1]')
  },
  {
    rules: [
      { pattern: 'keyed/*', conflated: true },
      { pattern: 'passing/*', ephemeral: true },
      { pattern: 'bytes/*', contentType: 'bytes' },
    ],
  },
)

hostile(
  'a rule bounds a stream, and what it has let go of is 410; without one everything is kept',
  async (node) => {
    const start = await make(node, 'short/a')
    await make(node, 'long/a')
    for (const name of ['short/a', 'long/a']) {
      for (let batch = 0; batch < 3; batch++)
        await ask(node, `POST ${name}`, JSON_TYPE, `[${'7,'.repeat(699)}7]`)
    }
    const trimmed = await ask(node, `GET short/a?offset=${start}`)
    assert.deepEqual([trimmed.status, codeIn(trimmed)], [410, 'bad_cursor'])
    assert.equal((await ask(node, 'GET short/a')).body, '[7,7,7]')
    assert.equal((await node.server.describe('long/a'))?.floor, 1)
  },
  { rules: [{ pattern: 'short/*', retention: { count: 3 } }] },
)

hostile(
  'a stream goes when its rule says, or sooner; whoever makes it cannot keep it',
  async (node) => {
    const after = async (name: string): Promise<unknown> => (await node.server.describe(name))?.options.expiry
    assert.equal((await ask(node, 'PUT brief/a', JSON_TYPE)).status, 201)
    assert.deepEqual(await after('brief/a'), { kind: 'idle', afterMs: 60_000 })
    assert.equal((await ask(node, 'PUT brief/b', { ...JSON_TYPE, 'stream-ttl': '30' })).status, 201)
    assert.deepEqual(await after('brief/b'), { kind: 'idle', afterMs: 30_000 })
    for (const [name, text] of [
      ['stream-ttl', '61'],
      ['stream-ttl', '9999999999'],
      ['stream-expires-at', '2099-01-02T03:04:05Z'],
    ] as const) {
      const answer = await ask(node, 'PUT brief/c', { ...JSON_TYPE, [name]: text })
      assert.deepEqual([answer.status, codeIn(answer)], [403, 'forbidden'], text)
    }
    assert.equal(await node.server.describe('brief/c'), undefined)
  },
  { rules: [{ pattern: 'brief/*', expiry: { kind: 'idle', afterMs: 60_000 } }] },
)

hostile('requests that go away before, while and after they are held leave no waiter', async (node) => {
  const next = await make(node, 'a')
  for (const live of ['long-poll', 'sse']) {
    const connections = await Promise.all(Array.from({ length: 20 }, () => node.connect()))
    for (const connection of connections) {
      connection.send(`GET /v1/stream/a?offset=${next}&live=${live} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
    }
    // Some go at once, the others when they are held.
    for (const connection of connections.slice(0, 10)) connection.reset()
    await eventually(() => node.server.stats().waiters === 1 + 10, 'ten are waiting beside the bystander')
    for (const connection of connections.slice(10)) connection.reset()
    await eventually(() => node.server.stats().waiters === 1, 'nobody is')
  }
  const body = await node.connect()
  body.send(
    'POST /v1/stream/a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n[1,2',
  )
  body.reset()
  assert.equal((await ask(node, 'GET a')).body, '[]')
})

hostile(
  'an SSE answer that nobody reads is let go, and costs no more than its socket meanwhile',
  async (node) => {
    await make(node, 'flood', TEXT_TYPE)
    const slow = await node.connect()
    slow.socket.pause()
    slow.send('GET /v1/stream/flood?offset=-1&live=sse HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    await eventually(() => node.server.stats().waiters === 2, 'it follows')
    // More than any socket takes, so that what is not taken has to stay in the log.
    for (let n = 0; n < 300; n++) await ask(node, 'POST flood', TEXT_TYPE, 'x'.repeat(60_000))
    await eventually(() => node.server.stats().waiters === 1, 'it is let go', 10_000)
  },
  { ...GENEROUS, schemes: ['tcp'], limits: { ...GENEROUS.limits, stallMs: 500 } },
)
