import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex, toHex } from './drive.test.ts'
import { encodeFrame, FIN, frameHeaderLength, writeFrameHeader } from './frame.ts'
import { Opcode } from './opcode.ts'

const headers: [length: number, key: number | undefined, header: string][] = [
  [0, undefined, '8200'],
  [125, undefined, '827d'],
  [126, undefined, '827e007e'],
  [65_535, undefined, '827effff'],
  [65_536, undefined, '827f0000000000010000'],
  [2 ** 32 + 5, undefined, '827f0000000100000005'],
  [5, 0x37fa213d, '828537fa213d'],
  [300, -1, '82fe012cffffffff'],
  [65_536, 1, '82ff000000000001000000000001'],
]

for (const [length, key, header] of headers) {
  test(`§5.2: the header of ${length} bytes, key ${key}, is ${header}`, () => {
    const target = new Uint8Array(20)
    const end = writeFrameHeader(target, 3, FIN | Opcode.binary, length, key)
    assert.equal(toHex(target.subarray(3, end)), header)
    assert.equal(frameHeaderLength(length, key !== undefined), header.length / 2)
  })
}

test('§5.7: the examples', () => {
  const hello = new TextEncoder().encode('Hello')
  assert.equal(toHex(encodeFrame(Opcode.text, hello)), '810548656c6c6f')
  assert.equal(toHex(encodeFrame(Opcode.text, hello, { key: 0x37fa213d })), '818537fa213d7f9f4d5158')
  assert.equal(toHex(encodeFrame(Opcode.text, hello.subarray(0, 3), { fin: false })), '010348656c')
  assert.equal(toHex(encodeFrame(Opcode.continuation, hello.subarray(3))), '80026c6f')
  assert.equal(toHex(encodeFrame(Opcode.ping, hello)), '890548656c6c6f')
})

test('reserved bits stand where an extension puts them', () => {
  assert.equal(toHex(encodeFrame(Opcode.text, hex('00'), { rsv: 0x40 })), 'c10100')
})

test('the payload that was given is not masked itself', () => {
  const payload = hex('010203')
  encodeFrame(Opcode.binary, payload, { key: 0x11223344 })
  assert.equal(toHex(payload), '010203')
})
