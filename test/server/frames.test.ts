/** Frames that break RFC 6455, sent to a session that is open: each has its close code, and ends what it followed. */
import assert from 'node:assert/strict'
import { clientFrame, openSocket, readFrames } from './frames.ts'
import { hostile } from './hostile.ts'
import { eventually } from './node-under-test.ts'

const text = (value: unknown): Buffer => clientFrame(0x81, Buffer.from(JSON.stringify(value)))
const OPENING = Buffer.concat([
  text({ type: 'hello', id: 0, version: 1 }),
  text({ type: 'subscribe', channel: 'a', from: 'now' }),
])
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const empty = Buffer.alloc(0)
/** A masked header that announces a length in eight bytes, and no payload. */
const announces = (length: bigint, first = 0x82): Buffer => {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0xff
  head.writeBigUInt64BE(length, 2)
  return head
}

const most = 2 * 64 * 1024 + 16 * 1024
const cases: Record<string, readonly [closeCode: number, ...frames: Buffer[]]> = {
  'RF71: a frame that is not masked': [1002, hex('8101 7b'), hex('8800'), hex('8900')],
  'RF72: reserved bits': [1002, ...[0xc1, 0xa1, 0x91, 0xf1, 0xc9].map((first) => clientFrame(first, empty))],
  'RF73: reserved opcodes': [
    1002,
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => clientFrame(0x80 | opcode, empty)),
  ],
  'RF74: a control frame in fragments': [1002, ...[8, 9, 10].map((opcode) => clientFrame(opcode, empty))],
  'RF75: a control frame of more than 125 bytes': [
    1002,
    ...[0x88, 0x89, 0x8a].map((first) => clientFrame(first, Buffer.alloc(126))),
  ],
  'RF76: a length that is not minimal': [1002, hex('82fe 007d 00000000'), announces(65_535n), announces(0n)],
  'RF77: a length whose top bit is set': [1002, announces(2n ** 63n), announces(2n ** 64n - 1n)],
  'RF78: a continuation of nothing': [1002, clientFrame(0x80, empty), clientFrame(0x00, empty)],
  'RF79: a message inside another': [
    1002,
    Buffer.concat([clientFrame(0x01, Buffer.from('{')), text({ type: 'ping', id: 1 })]),
    Buffer.concat([clientFrame(0x02, empty), clientFrame(0x02, empty)]),
  ],
  'RF80: a Close frame with half a code': [1002, clientFrame(0x88, hex('03'))],
  'RF81: a close code that is not for the wire': [
    1002,
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code) => {
      const payload = Buffer.alloc(2)
      payload.writeUInt16BE(code)
      return clientFrame(0x88, payload)
    }),
  ],
  'RF82: text that is not UTF-8': [
    1007,
    clientFrame(0x81, hex('22ff22')),
    clientFrame(0x81, hex('22c3')),
    clientFrame(0x81, hex('eda080')),
    // Found in the first fragment, without waiting for the rest.
    clientFrame(0x01, hex('c0')),
    clientFrame(0x88, hex('03e8ff')),
  ],
  'RF83: a message in more than 1,000 fragments': [
    1008,
    Buffer.concat([
      clientFrame(0x01, empty),
      ...Array.from({ length: 1_000 }, () => clientFrame(0x00, empty)),
    ]),
  ],
  'RF85: a message over the limit': [
    1009,
    announces(BigInt(most + 1), 0x81),
    announces(2n ** 31n),
    announces(2n ** 32n + 5n),
    announces(2n ** 53n),
    announces(2n ** 63n - 1n),
    Buffer.concat([clientFrame(0x02, Buffer.alloc(most)), clientFrame(0x80, Buffer.alloc(1))]),
  ],
}

for (const [name, [closeCode, ...frames]] of Object.entries(cases)) {
  hostile(`${name} closes with ${closeCode}`, async (node) => {
    for (const frame of frames) {
      const connection = await openSocket(node)
      connection.send(OPENING)
      await connection.sees('"subscribed"')
      const before = process.memoryUsage().arrayBuffers
      connection.send(frame)
      const { close } = await readFrames(connection)
      assert.equal(close, closeCode, frame.subarray(0, 32).toString('hex'))
      assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024)
      await eventually(() => node.server.stats().waiters === 1, 'what it followed is let go of')
    }
  })
}

hostile('RF84: a client that floods pings without reading the pongs is dropped', async (node) => {
  const connection = await openSocket(node)
  connection.socket.pause()
  const flood = Buffer.concat(Array.from({ length: 2_000 }, () => clientFrame(0x89, Buffer.alloc(125))))
  let dropped = false
  connection.socket.once('close', () => (dropped = true))
  for (let sent = 0; sent < 400 && !dropped; sent++) {
    connection.send(flood)
    await new Promise(setImmediate)
  }
  await eventually(() => node.server.stats().carriers === 1, 'it is dropped', 10_000)
  connection.destroy()
})

hostile(
  'WS4: a session in frames of one byte, one byte at a time, is a session like any other',
  async (node) => {
    const connection = await openSocket(node)
    const command = Buffer.from(JSON.stringify({ type: 'hello', id: 0, version: 1 }))
    const fragments = Array.from(command, (_, at) =>
      clientFrame(
        (at === 0 ? 0x01 : 0x00) | (at === command.length - 1 ? 0x80 : 0),
        command.subarray(at, at + 1),
      ),
    )
    for (const byte of Buffer.concat([...fragments, clientFrame(0x89, Buffer.from('between'))])) {
      connection.send(Uint8Array.of(byte))
    }
    const { events } = await readFrames(connection, (all) => all.length === 1)
    assert.equal(events[0]?.['id'], 0)
    const { pongs } = await readFrames(connection.send(clientFrame(0x88, hex('03e8'))))
    assert.deepEqual(pongs, [Buffer.from('between')])
  },
)

hostile(
  'WS4: what stands behind a Close frame is not looked at, and a half-closed peer leaves nothing',
  async (node) => {
    const closed = await openSocket(node)
    closed.send(Buffer.concat([clientFrame(0x88, hex('03e8')), text('garbage'), hex('ffff')]))
    assert.equal((await readFrames(closed)).close, 1000)
    const half = await openSocket(node)
    half.send(Buffer.concat([OPENING, hex('81')]))
    await half.sees('"subscribed"')
    half.socket.end()
    await half.end()
    half.destroy()
  },
)
