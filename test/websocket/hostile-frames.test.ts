// Frames that a hostile client sends to a real server, over TCP, TLS and streams of HTTP/2: each case ends with its exact close code
// and Close frame, and a bystander on the same server notices nothing.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Bystander, frame, makeCertificate, startEcho, WAYS, type EchoServer } from './servers.ts'

const MAX_PAYLOAD = 1_048_576

/** A masked frame's head: the first byte, the form of the length, the length, the key 00000000. */
function head(first: number, form: 126 | 127, length: bigint): Buffer {
  const bytes = Buffer.alloc(form === 126 ? 8 : 14)
  bytes[0] = first
  bytes[1] = 0x80 | form
  if (form === 126) bytes.writeUInt16BE(Number(length), 2)
  else bytes.writeBigUInt64BE(length, 2)
  return bytes
}

const repeat = (count: number, bytes: Buffer): Buffer => Buffer.alloc(count * bytes.length, bytes)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const controls = [0x8, 0x9, 0xa]

type Case = readonly [name: string, bytes: Buffer, closeCode: number]
const cases: Case[] = [
  ['an unmasked text', hex('8101 61'), 1002],
  ['an unmasked close', hex('8800'), 1002],
  ...[0x40, 0x20, 0x10, 0x70].map((bits): Case => [`reserved bits ${bits}`, frame(0x81 | bits, 'a'), 1002]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((code): Case => [`opcode ${code}`, frame(0x80 | code), 1002]),
  ...controls.map((code): Case => [`a fragmented control frame ${code}`, frame(code), 1002]),
  ...controls.map((code): Case => [
    `a control frame ${code} of 126 bytes`,
    frame(0x80 | code, 'x'.repeat(126)),
    1002,
  ]),
  ['length 125 in 16 bits', head(0x82, 126, 125n), 1002],
  ['length 65,535 in 64 bits', head(0x82, 127, 65_535n), 1002],
  ['length 0 in 64 bits', head(0x82, 127, 0n), 1002],
  ['length 2^31', head(0x82, 127, 2n ** 31n), 1009],
  ['length 2^32 + 5', head(0x82, 127, 2n ** 32n + 5n), 1009],
  ['length 2^53', head(0x82, 127, 2n ** 53n), 1009],
  ['length 2^63 - 1', head(0x82, 127, 2n ** 63n - 1n), 1009],
  ['length 2^63', head(0x82, 127, 2n ** 63n), 1002],
  ['length 2^64 - 1', head(0x82, 127, 2n ** 64n - 1n), 1002],
  ['one byte more than is allowed', head(0x82, 127, BigInt(MAX_PAYLOAD + 1)), 1009],
  [
    'one byte more than is allowed, in two fragments',
    Buffer.concat([frame(0x02, 'a'), head(0x80, 127, BigInt(MAX_PAYLOAD))]),
    1009,
  ],
  ['100,000 empty fragments', Buffer.concat([frame(0x02), repeat(100_000, frame(0x00))]), 1008],
  [
    '100,000 fragments of one byte',
    Buffer.concat([frame(0x01, 'a'), repeat(100_000, frame(0x00, 'b'))]),
    1008,
  ],
  ['a continuation of nothing', frame(0x80, 'a'), 1002],
  ['a text inside a text', Buffer.concat([frame(0x01, 'a'), frame(0x81, 'b')]), 1002],
  ['a text that is not UTF-8', frame(0x81, hex('c328')), 1007],
  ['a text that is cut in a character', frame(0x81, hex('c3')), 1007],
  ['a surrogate', frame(0x81, hex('eda080')), 1007],
  [
    'bad UTF-8 in the middle of an unfinished frame',
    Buffer.concat([head(0x81, 126, 1000n), hex('61ff')]),
    1007,
  ],
  [
    'bad UTF-8 in an unfinished fragment',
    Buffer.concat([frame(0x01, 'a'), head(0x00, 126, 1000n), hex('f490')]),
    1007,
  ],
  ['half a close code', frame(0x88, hex('03')), 1002],
  ['a close reason that is not UTF-8', frame(0x88, hex('03e8 ff')), 1007],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535].map((code): Case => {
    const payload = Buffer.alloc(2)
    payload.writeUInt16BE(code)
    return [`close code ${code}`, frame(0x88, payload), 1002]
  }),
]

const goodCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
]

const certificate = makeCertificate()
after(() => certificate.remove())

for (const [way, { secure, http2 }] of Object.entries(WAYS)) {
  describe(`hostile frames over ${way}`, () => {
    let server: EchoServer
    let bystander: Bystander
    before(async () => {
      server = await startEcho({
        certificate: secure ? certificate : undefined,
        http2,
        closeTimeoutMs: 1000,
      })
      bystander = await Bystander.join(server, certificate.cert)
    })
    after(async () => {
      bystander.leave()
      await server.stop()
    })

    const ends = async (bytes: Buffer, closeCode: number): Promise<void> => {
      const connection = await (await server.raw()).upgrade()
      connection.write(bytes)
      assert.equal(await server.echo.nextCode(), closeCode)
      const closeFrame = Buffer.of(0x88, 2, closeCode >> 8, closeCode & 0xff)
      assert.equal((await connection.bytes()).toString('hex'), closeFrame.toString('hex'))
      connection.socket.destroy()
      assert((await bystander.check()) < 1000)
    }

    for (const [name, bytes, closeCode] of cases) test(`${name}: ${closeCode}`, () => ends(bytes, closeCode))

    test('every close code that may be sent is sent back', async () => {
      for (const code of goodCodes) await ends(frame(0x88, Buffer.of(code >> 8, code & 0xff)), code)
    })

    test('a close without a code is answered with one', async () => {
      const connection = await (await server.raw()).upgrade()
      connection.write(frame(0x88))
      assert.equal((await connection.bytes()).toString('hex'), '8800')
      assert.equal(await server.echo.nextCode(), 1005)
    })

    test('data after close is not looked at', async () => {
      const after = Buffer.concat([
        frame(0x88, hex('03e8')),
        frame(0x81, 'a'),
        hex('c1'),
        Buffer.alloc(100_000),
      ])
      await ends(after, 1000)
    })

    test('one byte at a time', async () => {
      const connection = await (await server.raw()).upgrade()
      const frames = Buffer.concat([
        frame(0x01, 'Grü'),
        frame(0x89, 'p'),
        frame(0x80, 'ße'),
        frame(0x82, 'z'.repeat(130)),
      ])
      for (const byte of frames) {
        connection.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      const echoed = '8a0170' + '8107' + Buffer.from('Grüße').toString('hex') + '827e0082' + '7a'.repeat(130)
      assert.equal((await connection.bytes(echoed.length / 2)).toString('hex'), echoed)
      connection.socket.destroy()
      assert.equal(await server.echo.nextCode(), 1006)
      await bystander.check()
    })

    test('a client that half-closes in the middle of a frame: 1006', async () => {
      const connection = await (await server.raw()).upgrade()
      connection.socket.end(frame(0x82, 'abc').subarray(0, 7))
      assert.equal(await server.echo.nextCode(), 1006)
      assert.equal((await connection.bytes()).length, 0)
    })

    test('a client that resets in the middle of a frame: 1006', async () => {
      const connection = await (await server.raw()).upgrade()
      connection.write(frame(0x82, 'abc').subarray(0, 7))
      connection.socket.destroy()
      assert.equal(await server.echo.nextCode(), 1006)
      await bystander.check()
    })

    test('pings of a client that does not read: 1008, and the others do not wait', async () => {
      const connection = await (await server.raw()).upgrade()
      connection.socket.pause()
      connection.socket.on('error', () => {})
      const flood = repeat(500, frame(0x89, 'p'.repeat(125)))
      const pour = (): void => {
        while (!connection.socket.destroyed && connection.socket.write(flood));
      }
      connection.socket.on('drain', pour)
      pour()
      assert.equal(await server.echo.nextCode(), 1008)
      connection.socket.destroy()
      await bystander.check()
    })

    test('a burst of pings from a client that reads is answered, each of them', async () => {
      const connection = await (await server.raw()).upgrade()
      connection.write(repeat(2000, frame(0x89, 'p')))
      assert.equal((await connection.bytes(6000)).length, 6000)
      connection.socket.destroy()
      assert.equal(await server.echo.nextCode(), 1006)
    })

    test('pings that are answered one after the other are no flood', async () => {
      const connection = await (await server.raw()).upgrade()
      for (let count = 1; count <= 200; count++) {
        connection.write(frame(0x89, 'p'))
        assert.equal((await connection.bytes(3 * count)).length, 3 * count)
      }
      connection.socket.destroy()
      assert.equal(await server.echo.nextCode(), 1006)
    })

    test('memory does not move with what headers announce', async () => {
      const before = process.memoryUsage().arrayBuffers
      const connections = await Promise.all(
        Array.from({ length: 20 }, async () => (await server.raw()).upgrade()),
      )
      for (const connection of connections) connection.write(head(0x82, 127, BigInt(MAX_PAYLOAD)))
      await bystander.check()
      await bystander.check()
      assert(process.memoryUsage().arrayBuffers - before < 5 * MAX_PAYLOAD)
      for (const connection of connections) connection.socket.destroy()
      for (const _ of connections) assert.equal(await server.echo.nextCode(), 1006)
    })
  })
}
