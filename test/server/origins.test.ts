/** Which pages may connect, and under which names a node answers. */
import assert from 'node:assert/strict'
import { hostile } from './hostile.ts'
import type { NodeUnderTest } from './node-under-test.ts'
import type { RawAnswer } from './raw-connection.ts'

const UPGRADE =
  'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** The same page at each of the doors: a poll, its preflight, a WebSocket, the health route. */
const knock = async (node: NodeUnderTest, fields: string): Promise<Record<string, RawAnswer>> => ({
  poll: await node.exchange(
    `POST /session HTTP/1.1\r\n${fields}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  ),
  preflight: await node.exchange(
    `OPTIONS /session HTTP/1.1\r\n${fields}access-control-request-method: POST\r\n\r\n`,
  ),
  upgrade: await node.exchange(`GET /ws HTTP/1.1\r\n${fields}${UPGRADE}\r\n`),
  health: await node.exchange(`GET /healthz HTTP/1.1\r\n${fields}\r\n`),
})

const statuses = (answers: Record<string, RawAnswer>): number[] =>
  Object.values(answers).map(({ status }) => status)

const SERVED = [200, 204, 101, 200]
const LISTED = 'https://app.example:8443'

hostile(
  'RF59: a page of any other origin is 403, look-alikes included',
  async (node) => {
    const { port } = node
    const strangers = [
      ...['null', '', 'https://app.example', 'http://app.example:8443', 'https://app.example:84430'],
      ...['https://app.example:8443.evil.example', 'https://app.example:8443@evil.example', `${LISTED}/`],
      ...[
        'https://evil-app.example:8443',
        'https://app.example.evil.example:8443',
        'HTTPS://APP.EXAMPLE:8443',
      ],
      ...[
        `${LISTED}, ${LISTED}`,
        `http://127.0.0.1:${port + 1}`,
        'http://127.0.0.1',
        `ws://127.0.0.1:${port}`,
      ],
      ...[
        `http://127.0.0.1:${port}.evil.example`,
        `http://localhost:${port}`,
        'file://',
        'chrome-extension://x',
      ],
    ]
    for (const origin of strangers) {
      const answers = await knock(node, `host: 127.0.0.1:${port}\r\norigin: ${origin}\r\n`)
      assert.deepEqual(statuses(answers), [403, 403, 403, 403], origin)
      for (const { headers } of Object.values(answers))
        assert.equal(headers['access-control-allow-origin'], undefined)
    }
  },
  { origins: [LISTED] },
)

hostile(
  'HT6: the pages of the list and the node’s own are served, and told what they may read',
  async (node) => {
    const host = `host: 127.0.0.1:${node.port}\r\n`
    const own = `${node.tls ? 'https' : 'http'}://127.0.0.1:${node.port}`
    assert.deepEqual(statuses(await knock(node, host)), SERVED)
    const mine = await knock(node, `${host}origin: ${own}\r\n`)
    assert.deepEqual(statuses(mine), SERVED)
    const listed = await knock(node, `${host}origin: ${LISTED}\r\n`)
    assert.deepEqual(statuses(listed), SERVED)
    const { poll, preflight } = listed
    assert.equal(poll?.headers['access-control-allow-origin'], LISTED)
    assert.equal(poll?.headers['vary'], 'origin')
    assert.equal(poll?.headers['access-control-expose-headers'], 'retry-after')
    assert.equal(poll?.headers['access-control-allow-credentials'], undefined)
    assert.equal(preflight?.headers['access-control-allow-methods'], 'POST')
    assert.equal(preflight?.headers['access-control-allow-headers'], 'content-type')
    assert.equal(preflight?.headers['access-control-max-age'], '7200')
    const refused = await node.exchange(
      `POST /session HTTP/1.1\r\n${host}origin: ${LISTED}\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
    )
    assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [415, LISTED])
  },
  { origins: [LISTED] },
)

hostile(
  'HT6: behind whatever ends TLS, a page of the same host that came by https is the node’s own',
  async (node) => {
    const host = `host: 127.0.0.1:${node.port}\r\n`
    assert.deepEqual(statuses(await knock(node, `${host}origin: https://127.0.0.1:${node.port}\r\n`)), SERVED)
    const downgraded = statuses(await knock(node, `${host}origin: http://127.0.0.1:${node.port}\r\n`))
    assert.deepEqual(downgraded, node.tls ? [403, 403, 403, 403] : SERVED)
  },
)

hostile(
  'RF52: what a page can send without asking first is 415: forms, text/plain, no type',
  async (node) => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/json',
    ]
    for (const type of [
      ...types,
      'text/plain;application/json',
      'application/jsonx',
      'application/json+x',
      ' ',
    ]) {
      const answer = await node.exchange(
        `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${type}\r\ncontent-length: 2\r\n\r\n{}`,
      )
      assert.deepEqual(
        [answer.status, (JSON.parse(answer.body) as { error: { code: string } }).error.code],
        [415, 'content_type'],
        type,
      )
    }
    const none = await node.exchange(
      'POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}',
    )
    assert.equal(none.status, 415)
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;x']) {
      const answer = await node.exchange(
        `POST /session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${type}\r\ncontent-length: 2\r\n\r\n{}`,
      )
      assert.equal(answer.status, 200, type)
    }
  },
)

const REBOUND = [
  ...[
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.2',
    '[::2]',
  ],
  ...[
    'notlocalhost',
    'xlocalhost:1',
    '127.0.0.1x',
    '@127.0.0.1',
    '127.0.0.1@evil.example',
    '[::1]x',
    '0.0.0.0',
    '::1',
  ],
]

hostile('RF58: a node that listens on loopback for anyone answers to no other name: 421', async (node) => {
  for (const name of REBOUND) {
    const answers = await knock(node, `host: ${name}\r\norigin: http://${name}\r\n`)
    assert.deepEqual(statuses(answers), [421, 421, 421, 421], name)
  }
  for (const name of [
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:80',
    'x.localhost:3',
  ]) {
    assert.deepEqual(statuses(await knock(node, `host: ${name}\r\n`)), SERVED, name)
  }
})

hostile(
  'RF58: a node that was told its names answers to those alone: 421',
  async (node) => {
    for (const name of ['localhost.evil.example', 'app.example.evil.example', '[2001:db8::2]', 'example']) {
      assert.deepEqual(statuses(await knock(node, `host: ${name}\r\n`)), [421, 421, 421, 421], name)
    }
    for (const name of ['app.example', 'APP.example:443', '[2001:DB8::1]:8443', '127.0.0.1']) {
      assert.deepEqual(statuses(await knock(node, `host: ${name}\r\n`)), SERVED, name)
    }
  },
  { hosts: ['App.example', '[2001:db8::1]', '127.0.0.1'] },
)

hostile(
  'RF58: a node that knows its users answers to any name, unless it is told them',
  async (node) => {
    const answers = await knock(node, 'host: app.example\r\n')
    assert.deepEqual(statuses(answers), [401, 204, 101, 200])
  },
  { authenticate: ({ token }) => (token === 'bystander' ? { user: 'b' } : null) },
)
