/** What is thrown at the HTTP routes below their content: shapes, sizes, slowness, methods, connections. */
import assert from 'node:assert/strict'
import { hostile } from './hostile.ts'
import { eventually, type NodeUnderTest } from './node-under-test.ts'
import { connectRaw } from './raw-connection.ts'

const JSON_TYPE = 'content-type: application/json\r\n'
const HOST = 'host: 127.0.0.1\r\n'

const post = (body: string, fields = `${JSON_TYPE}content-length: ${Buffer.byteLength(body)}\r\n`): string =>
  `POST /session HTTP/1.1\r\n${HOST}${fields}\r\n${body}`

const get = (path: string, method = 'GET', fields = ''): string =>
  `${method} ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`

/** The status of each of these, on a connection of its own. */
const statusOf = async (node: NodeUnderTest, request: string): Promise<number> =>
  (await node.exchange(request)).status

const errorOf = (body: string): unknown => (JSON.parse(body) as { error: unknown }).error

hostile('HT1: a session request is answered, and its connection can be used again', async (node) => {
  const connection = await node.connect()
  for (let request = 0; request < 3; request++) {
    const answer = await connection.send(post('{}')).answer()
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.deepEqual(JSON.parse(answer.body), { events: [], cursors: {} })
  }
})

hostile('HT1: the health route says that the node is up', async (node) => {
  const answer = await node.exchange(get('/healthz'))
  assert.deepEqual([answer.status, answer.body], [200, '{"status":"ok"}'])
  assert.equal(await statusOf(node, get('/healthz?probe=1')), 200)
})

hostile('RF51: any other method is 405, and says which are taken', async (node) => {
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']) {
    const connection = await node.connect()
    connection.send(get('/session', method))
    const head = await connection.sees('\r\n\r\n')
    assert.ok(head.startsWith('HTTP/1.1 405 '), `${method}: ${head}`)
    assert.match(head, /^allow: POST, OPTIONS\r$/im)
    await connection.end()
  }
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await node.exchange(get('/healthz', method, 'content-length: 0\r\n'))
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'GET, HEAD'])
  }
})

hostile('RF51: CONNECT, and what is no method, end the connection', async (node) => {
  for (const line of [
    'CONNECT 127.0.0.1:1 HTTP/1.1',
    'NONSENSE /session HTTP/1.1',
    'post /session HTTP/1.1',
    'POST /session HTTP/2.0',
  ]) {
    const connection = await node.connect()
    connection.send(`${line}\r\n${HOST}\r\n`)
    await connection.end()
    assert.ok(!connection.received.toString('latin1').includes(' 200 '))
  }
})

hostile('RF50: what is no route of the node is 404', async (node) => {
  const paths = ['/', '/Session', '/session/', '//session', '/%73ession', '/session/../session', '/sessionx']
  for (const path of [...paths, '/../../etc/passwd', '/..%2f..%2fetc/passwd', '/__proto__', '*']) {
    const answer = await node.exchange(get(path))
    assert.equal(answer.status, 404, path)
    assert.deepEqual(errorOf(answer.body), { code: 'not_found', message: 'no such route', retry: 'never' })
  }
  assert.equal(await statusOf(node, get('http://evil.example/session', 'POST', 'content-length: 0\r\n')), 404)
})

hostile(
  'RF36: a GET on /ws without its upgrade headers is 426, which tells a client to fall back',
  async (node) => {
    const answer = await node.exchange(get('/ws'))
    assert.equal(answer.status, 426)
    assert.deepEqual(
      [answer.headers['upgrade'], answer.headers['sec-websocket-version']],
      ['websocket', '13'],
    )
    assert.deepEqual((errorOf(answer.body) as { code: string }).code, 'malformed')
  },
)

hostile('HT1: an offer of another protocol is ignored, and the request answered', async (node) => {
  const offer = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n'
  assert.equal(await statusOf(node, post('{}', `${JSON_TYPE}${offer}content-length: 2\r\n`)), 200)
})

hostile(
  'RF49: shapes by which requests are smuggled are refused with 400, and end the connection',
  async (node) => {
    const shapes = [
      post('{}', `${JSON_TYPE}content-length: 2\r\ntransfer-encoding: chunked\r\n`),
      post('{}', `${JSON_TYPE}content-length: 2\r\ncontent-length: 3\r\n`),
      post('{}', `${JSON_TYPE}content-length: 2\r\ncontent-length: 2\r\n`),
      post('{}', `${JSON_TYPE}content-length: +2\r\n`),
      post('{}', `${JSON_TYPE}content-length: 2, 2\r\n`),
      post('{}', `${JSON_TYPE}content-length: 0x2\r\n`),
      post('{}', `${JSON_TYPE}content-length: -1\r\n`),
      post('{}', `${JSON_TYPE}content-length: 99999999999999999999999\r\n`),
      post('{}', `${JSON_TYPE}content-length : 2\r\n`),
      post('2\r\n{}\r\n0\r\n\r\n', `${JSON_TYPE}transfer-encoding: chunked, identity\r\n`),
      post('2\r\n{}\r\n0\r\n\r\n', `${JSON_TYPE}transfer-encoding: xchunked\r\n`),
      post('zz\r\n{}\r\n0\r\n\r\n', `${JSON_TYPE}transfer-encoding: chunked\r\n`),
      post('-2\r\n{}\r\n0\r\n\r\n', `${JSON_TYPE}transfer-encoding: chunked\r\n`),
      post('2\n{}\n0\n\n', `${JSON_TYPE}transfer-encoding: chunked\r\n`),
      `POST /session HTTP/1.1\n${HOST}${JSON_TYPE}content-length: 2\n\n{}`,
      `POST /session HTTP/1.1\r\n${HOST}x: a\r\n b\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`.replace(
        'x: a',
        'x\0: a',
      ),
      `POST /session HTTP/1.1\r\n${HOST}x: a\rb\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`,
      `POST /session HTTP/1.1\r\n${HOST}: empty\r\n\r\n`,
      `POST /session HTTP/1.1\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`,
    ]
    for (const shape of shapes) {
      const connection = await node.connect()
      const smuggled = get('/healthz')
      const answer = await connection.send(shape + smuggled).answer()
      assert.equal(answer.status, 400, shape)
      await connection.end()
      assert.ok(!connection.received.toString('latin1').includes('200 OK'), shape)
    }
  },
)

hostile('RF49: a doubled or non-ASCII Host, Origin or Content-Type is 400 on every route', async (node) => {
  const fields = [
    'host: evil.example\r\n',
    'origin: http://127.0.0.1\r\norigin: http://127.0.0.1\r\n',
    'origin: http://\xe9\r\n',
    `${JSON_TYPE}content-type: text/plain\r\n`,
    'content-type: application/json\xa0\r\n',
  ]
  for (const path of ['/session', '/healthz', '/ws']) {
    for (const field of fields) {
      const answer = await node.exchange(get(path, 'GET', field))
      assert.deepEqual(
        [answer.status, (errorOf(answer.body) as { code: string }).code],
        [400, 'malformed'],
        field,
      )
    }
  }
})

hostile('HT1: a chunked body is read, its extensions ignored up to a bound', async (node) => {
  const chunked = `${JSON_TYPE}transfer-encoding: chunked\r\n`
  assert.equal(await statusOf(node, post('1;a=b\r\n{\r\n1;b="x"\r\n}\r\n0\r\n\r\n', chunked)), 200)
  assert.equal(await statusOf(node, post(`2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, chunked)), 413)
})

hostile('RF45: more than 100 header fields are 431 on every route', async (node) => {
  for (const path of ['/session', '/healthz', '/ws']) {
    const many = Array.from({ length: 100 }, (_, index) => `x-${index}: \r\n`).join('')
    assert.equal(await statusOf(node, get(path, 'GET', many)), 431)
    assert.equal(await statusOf(node, get(path, 'GET', 'a:\r\n'.repeat(2_500))), 431)
  }
  const enough = Array.from({ length: 99 }, (_, index) => `x-${index}: \r\n`).join('')
  assert.equal(await statusOf(node, get('/healthz', 'GET', enough)), 200)
})

hostile('RF46: more than 16 KiB of headers are 431', async (node) => {
  assert.equal(await statusOf(node, get('/healthz', 'GET', `x: ${'y'.repeat(17_000)}\r\n`)), 431)
  assert.equal(await statusOf(node, get(`/healthz?${'y'.repeat(17_000)}`)), 431)
  assert.equal(await statusOf(node, get('/healthz', 'GET', `x: ${'y'.repeat(15_000)}\r\n`)), 200)
})

hostile(
  'RF47: a head that takes too long is 408, and so is a connection that says nothing',
  async (node) => {
    const slow = await node.connect()
    const silent = await node.connect()
    const drip = setInterval(() => slow.send('x'), 100)
    slow.send('GET /healthz HTTP/1.1\r\nx: ')
    assert.equal((await slow.answer()).status, 408)
    clearInterval(drip)
    assert.equal((await silent.answer()).status, 408)
    await Promise.all([slow.end(), silent.end()])
  },
  { limits: { headerTimeoutMs: 300 } },
)

hostile(
  'RF48: a body that takes too long is 408',
  async (node) => {
    const slow = await node.connect()
    slow.send(post('', `${JSON_TYPE}content-length: 100\r\n`))
    const drip = setInterval(() => slow.send(' '), 100)
    assert.equal((await slow.answer()).status, 408)
    clearInterval(drip)
    await slow.end()
  },
  { limits: { headerTimeoutMs: 200 } },
)

hostile(
  'RF53: a body over the limit is 413, before or while it comes, and its connection is not used again',
  async (node) => {
    const most = 2 * 64 * 1024 + 16 * 1024
    const fits = `{"x":"${'y'.repeat(most - 8)}"}`
    assert.equal(await statusOf(node, post(fits)), 200)
    const announced = await node.connect()
    announced.send(post('', `${JSON_TYPE}content-length: ${most + 1}\r\n`))
    const answer = await announced.answer()
    assert.deepEqual([answer.status, (errorOf(answer.body) as { code: string }).code], [413, 'too_large'])
    assert.equal(answer.headers['connection'], 'close')
    await announced.end()
    const streamed = await node.connect()
    streamed.send(post('', `${JSON_TYPE}transfer-encoding: chunked\r\n`))
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`
    for (let sent = 0; sent <= most; sent += 0x1000) streamed.send(chunk)
    assert.equal((await streamed.answer()).status, 413)
    streamed.send(`0\r\n\r\n${get('/healthz')}`)
    await streamed.end()
    assert.ok(!streamed.received.toString().includes('200 OK'))
  },
)

hostile('RF54: a body cut off at any byte leaves nothing behind', async (node) => {
  const request = post(JSON.stringify({ subscribe: { a: { from: '-1' } }, live: 'long-poll' }))
  const start = request.indexOf('\r\n\r\n') - 8
  for (let cut = start; cut < request.length; cut++) {
    const connection = await node.connect()
    connection.send(request.slice(0, cut))
    if (cut % 2 === 0) connection.reset()
    else connection.socket.end()
    await connection.end()
    connection.destroy()
  }
  await eventually(() => node.server.stats().connections === 1, 'only the bystander is connected')
})

hostile('HT7: requests behind a held one are answered in their order, when it is', async (node) => {
  const cursor = await node.server.publish('a', 1)
  const connection = await node.connect()
  const held = post(JSON.stringify({ subscribe: { a: { from: cursor } }, live: 'long-poll' }))
  connection.send(held + get('/healthz') + post('{}') + get('/nowhere'))
  await eventually(() => node.server.stats().held === 1, 'it is held')
  await node.server.publish('a', 2)
  const answers = [await connection.answer(), await connection.answer(), await connection.answer()]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal((JSON.parse(answers[0]?.body ?? '') as { events: { data: unknown }[] }).events[0]?.data, 2)
  assert.equal(answers[1]?.body, '{"status":"ok"}')
  assert.equal((await connection.answer()).status, 404)
})

hostile('RF61: a connection with more than 16 unanswered requests is dropped', async (node) => {
  const cursor = await node.server.publish('a', 1)
  const held = post(JSON.stringify({ subscribe: { a: { from: cursor } }, live: 'long-poll' }))
  const most = await node.connect()
  most.send(held.repeat(16))
  await eventually(() => node.server.stats().held === 16, 'all of them are held')
  const tooMany = await node.connect()
  tooMany.send(held.repeat(17))
  await tooMany.end()
  assert.equal(tooMany.received.length, 0)
  await node.server.publish('a', 2)
  for (let answer = 0; answer < 16; answer++) assert.equal((await most.answer()).status, 200)
})

hostile(
  'HT1: Expect: 100-continue is answered with 100, then with the answer; any other expectation with 417',
  async (node) => {
    const connection = await node.connect()
    connection.send(post('', `${JSON_TYPE}expect: 100-continue\r\ncontent-length: 2\r\n`))
    assert.equal((await connection.answer()).status, 100)
    assert.equal((await connection.send('{}').answer()).status, 200)
    const other = await node.connect()
    await other
      .send(post('{}', `${JSON_TYPE}expect: nonsense\r\ncontent-length: 2\r\n`))
      .sees('HTTP/1.1 417 ')
  },
)

hostile(
  'RF10, RF60: a connection too many from one address is 503 with Retry-After, on every route, and a place that is free is given',
  async (node) => {
    const others = [await node.connect(), await node.connect()]
    await eventually(() => node.server.stats().connections === 3, 'all of them count')
    for (const request of [get('/healthz'), post('{}'), get('/ws'), UPGRADE]) {
      const answer = await node.exchange(request)
      assert.deepEqual(
        [answer.status, answer.headers['retry-after'], answer.headers['connection']],
        [503, '1', 'close'],
      )
      await eventually(() => node.server.stats().connections === 3, 'it is gone')
    }
    others[0]?.destroy()
    await eventually(() => node.server.stats().connections === 2, 'a place is free')
    assert.equal(await statusOf(node, get('/healthz')), 200)
  },
  { limits: { connectionsPerAddress: 3 } },
)

hostile(
  'RF60: more connections in a second than are accepted are 503',
  async (node) => {
    const connections = await Promise.all(Array.from({ length: 20 }, () => node.connect()))
    const answers = await Promise.all(connections.map((each) => each.send(get('/healthz')).answer()))
    const statuses = answers.map(({ status }) => status)
    assert.ok(statuses.includes(503) && statuses.includes(200), statuses.join(' '))
    for (const each of connections) each.destroy()
  },
  // The 20 lie in at most two of the seconds that are counted.
  { limits: { acceptsPerSecond: 5 } },
)

hostile(
  'RF95: a connection that never begins its TLS handshake is dropped',
  async (node) => {
    const connection = await connectRaw({ port: node.port, tls: false })
    await connection.end()
    assert.equal(connection.received.length, 0)
  },
  { schemes: ['tls'], limits: { headerTimeoutMs: 200 } },
)

hostile(
  'LI1: a connection that is kept alive without a request is closed after its time',
  async (node) => {
    const connection = await node.connect()
    assert.equal((await connection.send(get('/healthz')).answer()).status, 200)
    const began = performance.now()
    await connection.end()
    const took = performance.now() - began
    assert.ok(took > 150 && took < 5_000, `closed after ${took} ms`)
  },
  { limits: { keepAliveTimeoutMs: 200 } },
)

const UPGRADE = get(
  '/ws',
  'GET',
  'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
)
