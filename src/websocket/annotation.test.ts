import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotatedFrameJson, closeCodeName, opcodeName, violation } from './annotation.ts'
import { FrameAnnotator } from './annotator.ts'
import { hex } from './drive.test.ts'

test('§5.2: opcodes have names, the reserved ones only that', () => {
  assert.deepEqual(
    Array.from({ length: 16 }, (_, opcode) => opcodeName(opcode)),
    [
      ...['continuation', 'text', 'binary'],
      ...Array.from({ length: 5 }, () => 'reserved'),
      ...['close', 'ping', 'pong'],
      ...Array.from({ length: 5 }, () => 'reserved'),
    ],
  )
})

test('§7.4: close codes have names, or belong to somebody', () => {
  const names: [number, string][] = [
    [1000, 'normal'],
    [1001, 'going away'],
    [1005, 'no status'],
    [1009, 'message too big'],
    [1015, 'reserved'],
    [0, 'reserved'],
    [2999, 'reserved'],
    [3000, 'registered'],
    [3999, 'registered'],
    [4000, 'private'],
    [4999, 'private'],
    [5000, 'reserved'],
  ]
  for (const [code, name] of names) assert.equal(closeCodeName(code), name, String(code))
})

test('a violation names its section', () => {
  assert.deepEqual(violation('mask-missing', 'why'), {
    code: 'mask-missing',
    section: 'RFC 6455 §5.1',
    message: 'why',
  })
})

test('a record as JSON: bytes are hexadecimal, the rest is as it is', () => {
  const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  const records = new FrameAnnotator({ role: 'server', decodeText }).annotate(hex('8183000000f0 616292'))
  assert.deepEqual(JSON.parse(JSON.stringify(records.map(annotatedFrameJson)[1])), {
    stage: 'complete',
    index: 0,
    offset: 0,
    header: '8183000000f0',
    fin: true,
    rsv1: false,
    rsv2: false,
    rsv3: false,
    opcode: 1,
    opcodeName: 'text',
    masked: true,
    maskingKey: '000000f0',
    lengthBits: 7,
    payloadLength: 3,
    receivedBytes: 3,
    payload: '616292',
    message: { index: 0, kind: 'text', fragment: 0 },
    compressed: false,
    text: 'ab�',
    invalidTextAt: 2,
    violations: [
      {
        code: 'invalid-utf8',
        section: 'RFC 6455 §8.1',
        message: 'text is not UTF-8 (byte 2 of the payload)',
      },
    ],
    lost: false,
  })
  const unmasked = new FrameAnnotator({ role: 'client', decodeText }).annotate(hex('8a00'))
  assert.equal('maskingKey' in annotatedFrameJson(unmasked[0]!), false)
})
