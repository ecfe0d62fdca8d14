/** What is thrown at the opening handshake: each case has its status, and the connection ends behind it. */
import assert from 'node:assert/strict'
import { hostile } from './hostile.ts'
import { eventually, type NodeUnderTest, SUBPROTOCOL } from './node-under-test.ts'
import type { RawAnswer } from './raw-connection.ts'

type Fields = readonly (readonly [string, string])[]

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const FIELDS: Fields = [
  ['Host', '127.0.0.1'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', KEY],
]

const head = (fields: Fields, line = 'GET /ws HTTP/1.1'): string =>
  `${line}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

const without = (name: string): Fields => FIELDS.filter(([each]) => each !== name)
const instead = (name: string, value: string): Fields => [...without(name), [name, value]]
const besides = (...more: Fields): Fields => [...FIELDS, ...more]

/** Sends a handshake that is refused, and waits until the node has hung up. */
const refused = async (node: NodeUnderTest, request: string | Uint8Array): Promise<RawAnswer> => {
  const connection = await node.connect()
  const answer = await connection.send(request).answer()
  await connection.end()
  return answer
}

const cases: Record<string, readonly [status: number, ...requests: string[]]> = {
  'RF33: a method that is not GET': [
    405,
    head(FIELDS, 'POST /ws HTTP/1.1'),
    head(FIELDS, 'PUT /ws HTTP/1.1'),
    head(FIELDS, 'OPTIONS /ws HTTP/1.1'),
  ],
  'RF34: HTTP/1.0': [400, head(FIELDS, 'GET /ws HTTP/1.0')],
  'RF35: no Host, or an empty one': [400, head(without('Host')), head([['Host', ''], ...without('Host')])],
  'RF36: no Upgrade to websocket': [
    426,
    head(without('Upgrade')),
    head(instead('Upgrade', 'h2c')),
    head([
      ['Host', '127.0.0.1'],
      ['Sec-WebSocket-Key', KEY],
    ]),
  ],
  'RF37: a Connection that does not say Upgrade': [
    426,
    head(without('Connection')),
    head(instead('Connection', 'keep-alive')),
  ],
  'RF38: another version': [
    426,
    head(without('Sec-WebSocket-Version')),
    head(instead('Sec-WebSocket-Version', '8')),
    head(instead('Sec-WebSocket-Version', '13, 8')),
    head(instead('Sec-WebSocket-Version', '013')),
  ],
  'RF39: a key that is not 16 bytes in base64': [
    400,
    head(without('Sec-WebSocket-Key')),
    head(instead('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ')),
    head(instead('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZTE=')),
    head(instead('Sec-WebSocket-Key', `${'*'.repeat(22)}==`)),
    head(instead('Sec-WebSocket-Key', 'A'.repeat(4_000))),
  ],
  'RF40: subprotocols that are no list of tokens, or doubled': [
    400,
    head(besides(['Sec-WebSocket-Protocol', 'a b'])),
    head(besides(['Sec-WebSocket-Protocol', `${SUBPROTOCOL}, ${SUBPROTOCOL}`])),
    head(besides(['Sec-WebSocket-Protocol', '"quoted"'])),
  ],
  'RF41: extensions that are no list of extensions': [
    400,
    head(besides(['Sec-WebSocket-Extensions', 'permessage-deflate; ='])),
    head(besides(['Sec-WebSocket-Extensions', 'a; b="'])),
    head(besides(['Sec-WebSocket-Extensions', ';'])),
  ],
  'RF42: a doubled header': [
    400,
    head(besides(['Host', '127.0.0.1'])),
    head(besides(['Host', 'evil.example'])),
    head(besides(['Origin', 'http://127.0.0.1'], ['Origin', 'http://127.0.0.1'])),
    head(besides(['Sec-WebSocket-Key', KEY])),
    head(besides(['Sec-WebSocket-Version', '13'])),
  ],
  'RF43: a header that is not ASCII': [
    400,
    head(instead('Host', 'h\xf6st')),
    head(besides(['Origin', 'http://\xe9'])),
    head(instead('Sec-WebSocket-Key', `\xe9${KEY.slice(1)}`)),
    head(besides(['Sec-WebSocket-Protocol', '\xff'])),
    head(besides(['Sec-WebSocket-Extensions', '\x80'])),
  ],
  'RF44: a body': [
    400,
    `${head(besides(['Content-Length', '5']))}hello`,
    `${head(besides(['Transfer-Encoding', 'chunked']))}5\r\nhello\r\n0\r\n\r\n`,
    head(besides(['Content-Length', '1000000000'])),
  ],
  'RF45: more than 100 header fields': [
    431,
    head(besides(...Array.from({ length: 96 }, (_, index) => [`X-${index}`, ''] as const))),
    head(besides(...Array.from({ length: 500 }, () => ['X', ''] as const))),
  ],
  'RF46: more than 16 KiB of headers': [431, head(besides(['X', 'x'.repeat(17_000)]))],
  'RF50: an upgrade on another route': [
    404,
    head(FIELDS, 'GET /elsewhere HTTP/1.1'),
    head(FIELDS, 'GET /session HTTP/1.1'),
    head(FIELDS, 'GET /ws/ HTTP/1.1'),
    head(FIELDS, 'GET /WS HTTP/1.1'),
    head(FIELDS, 'GET //ws HTTP/1.1'),
    head(FIELDS, 'GET /healthz/../ws HTTP/1.1'),
    head(FIELDS, 'GET /%77s HTTP/1.1'),
  ],
}

for (const [name, [status, ...requests]] of Object.entries(cases)) {
  hostile(`${name} is refused with ${status}`, async (node) => {
    for (const request of requests) {
      const answer = await refused(node, request)
      assert.equal(answer.status, status, request)
      if (status === 426) {
        assert.deepEqual(
          [answer.headers['upgrade'], answer.headers['sec-websocket-version']],
          ['websocket', '13'],
        )
      }
      if (status === 405) assert.equal(answer.headers['allow'], 'GET')
    }
  })
}

hostile('WS1: a handshake that is valid is accepted, whatever else it carries', async (node) => {
  const extras: Fields[] = [
    [],
    [['Sec-WebSocket-Protocol', `__proto__, constructor, ${SUBPROTOCOL}`]],
    [['Sec-WebSocket-Extensions', '__proto__; constructor=toString, permessage-deflate; __proto__=1']],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
    ],
    Array.from({ length: 95 }, (_, index) => [`X-${index}`, ''] as const),
  ]
  for (const extra of extras) {
    const connection = await node.connect()
    const answer = await connection.send(head(besides(...extra))).answer()
    assert.equal(answer.status, 101)
    assert.equal(answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    assert.equal(answer.headers['sec-websocket-extensions'], undefined)
    assert.equal(
      answer.headers['sec-websocket-protocol'],
      extra[0]?.[0] === 'Sec-WebSocket-Protocol' ? SUBPROTOCOL : undefined,
    )
    connection.destroy()
  }
})

hostile(
  'RF39: bytes behind a refused upgrade are thrown away, and never taken for a request',
  async (node) => {
    const connection = await node.connect()
    const smuggled = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    const answer = await connection.send(head(instead('Sec-WebSocket-Key', 'short')) + smuggled).answer()
    assert.equal(answer.status, 400)
    await connection.end()
    assert.equal(connection.received.length, 0)
  },
)

hostile('WS1: a handshake that is reset at any byte leaves nothing behind', async (node) => {
  const bytes = head(besides(['Sec-WebSocket-Protocol', SUBPROTOCOL]))
  for (let cut = 0; cut <= bytes.length; cut += 7) {
    const connection = await node.connect()
    connection.send(bytes.slice(0, cut))
    connection.reset()
  }
  await eventually(() => node.server.stats().connections === 1, 'only the bystander is connected')
})

hostile('RF40: header grammars are judged in linear time', async (node) => {
  const grammars = [',', ' ', '\t,', 'a,', ';', 'a;', 'a;b=', '"', 'a="\\', ' \t']
  for (const grammar of grammars) {
    for (const name of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol', 'Connection', 'Upgrade']) {
      const took: number[] = []
      for (const length of [1_000, 15_000]) {
        const value = grammar.repeat(length / grammar.length)
        const began = performance.now()
        await node.exchange(head([...without(name), [name, `${value}x`]])).catch(() => undefined)
        took.push(performance.now() - began)
      }
      // A quadratic scanner would take 225 times as long; a second is far beyond any honest one.
      assert.ok((took[1] ?? 0) < 1_000, `${name}: ${JSON.stringify(grammar)} took ${took.join(' and ')} ms`)
    }
  }
})

hostile(
  'WS1: a hundred heads with bytes changed at random are answered or dropped, each on its own',
  async (node) => {
    let seed = 1
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 8) % below
    }
    for (let round = 0; round < 100; round++) {
      const connection = await node.connect()
      const noise = Buffer.from(head(FIELDS), 'latin1')
      for (let change = 0; change < 3; change++) noise[random(noise.length)] = random(256)
      connection.send(noise)
      connection.socket.end()
      await connection.end()
      connection.destroy()
    }
  },
)
