import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { annotatedFrameJson, type AnnotatedFrame, type CutHeader, type ViolationCode } from './annotation.ts'
import { FrameAnnotator, type AnnotatorOptions } from './annotator.ts'
import type { Inflater } from './connection.ts'
import { everySplit, feed, hex, open, toHex } from './drive.test.ts'
import { FrameError } from './errors.ts'
import { encodeFrame } from './frame.ts'
import { MessageAssembler } from './message-assembler.ts'
import { Opcode } from './opcode.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const options: AnnotatorOptions = { role: 'client', decodeText: (bytes) => decoder.decode(bytes) }

function annotate(
  chunks: Iterable<Uint8Array>,
  overrides: Partial<AnnotatorOptions> = {},
): { records: AnnotatedFrame[]; rest: AnnotatedFrame | CutHeader | undefined } {
  const annotator = new FrameAnnotator({ ...options, ...overrides })
  const records = Array.from(chunks).flatMap((chunk) => annotator.annotate(chunk))
  return { records, rest: annotator.end() }
}

/** The frames that became complete; cut anywhere, the records are the same. */
function complete(bytes: string, overrides: Partial<AnnotatorOptions> = {}): AnnotatedFrame[] {
  const whole = annotate([hex(bytes)], overrides)
  for (const chunks of everySplit(hex(bytes))) assert.deepEqual(annotate(chunks, overrides), whole)
  return whole.records.filter(({ stage }) => stage === 'complete')
}

const codes = (frames: AnnotatedFrame[]): ViolationCode[][] =>
  frames.map(({ violations }) => violations.map(({ code }) => code))

test('§5.7: "Hello", masked: a record when its header is there, another with its payload', () => {
  const bytes = hex('818537fa213d7f9f4d5158')
  const annotator = new FrameAnnotator({ ...options, role: 'server' })
  assert.deepEqual(annotator.annotate(bytes.subarray(0, 5)), [])
  const header: AnnotatedFrame = {
    stage: 'header',
    index: 0,
    offset: 0,
    header: hex('818537fa213d'),
    fin: true,
    rsv1: false,
    rsv2: false,
    rsv3: false,
    opcode: 1,
    opcodeName: 'text',
    masked: true,
    maskingKey: hex('37fa213d'),
    lengthBits: 7,
    payloadLength: 5,
    receivedBytes: 0,
    payload: hex(''),
    message: { index: 0, kind: 'text', fragment: 0 },
    compressed: false,
    violations: [],
    lost: false,
  }
  assert.deepEqual(annotator.annotate(bytes.subarray(5, 8)), [header])
  assert.deepEqual(annotator.end(), {
    ...header,
    stage: 'cut',
    receivedBytes: 2,
    payload: hex('4865'),
    text: 'He',
  })
  assert.deepEqual(annotator.annotate(bytes.subarray(8)), [
    { ...header, stage: 'complete', receivedBytes: 5, payload: hex('48656c6c6f'), text: 'Hello' },
  ])
  assert.equal(annotator.end(), undefined)
  assert.equal(toHex(bytes), '818537fa213d7f9f4d5158', 'the chunk is left as it was')
})

test('frames are numbered, and stand where they stand in the stream', () => {
  const { records, rest } = annotate([hex('8900 8202 0102 82')])
  assert.deepEqual(
    records.map(({ stage, index, offset }) => [stage, index, offset]),
    [
      ['header', 0, 0],
      ['complete', 0, 0],
      ['header', 1, 2],
      ['complete', 1, 2],
    ],
  )
  assert.deepEqual(rest, { stage: 'cut-header', index: 2, offset: 6, header: hex('82') })
})

test('§5.2: the three forms of a length', () => {
  const bits = ['8200', '827e007e' + 'ab'.repeat(126), '827f0000000000010000' + 'cd'.repeat(65_536)].map(
    (bytes) => annotate([hex(bytes)]).records[1]!,
  )
  assert.deepEqual(
    bits.map(({ lengthBits, payloadLength, payload }) => [lengthBits, payloadLength, payload.length]),
    [
      [7, 0, 0],
      [16, 126, 126],
      [64, 65_536, 4096],
    ],
  )
})

test('§5.4: fragments say which message they continue, with control frames in between', () => {
  const frames = complete('0101 61, 8900, 0000, 8001 62, 8201 03'.replaceAll(',', ''))
  assert.deepEqual(
    frames.map(({ message, text }) => [message?.index, message?.kind, message?.fragment, text]),
    [
      [0, 'text', 0, 'a'],
      [undefined, undefined, undefined, undefined],
      [0, 'text', 1, ''],
      [0, 'text', 2, 'b'],
      [1, 'binary', 0, undefined],
    ],
  )
  assert.deepEqual(codes(frames), [[], [], [], [], []])
})

test('§5.4: it goes on behind a continuation of nothing and a message inside another', () => {
  const frames = complete('8001 61 0101 62 8101 63 8001 64')
  assert.deepEqual(codes(frames), [
    ['unexpected-continuation'],
    [],
    ['expected-continuation'],
    ['unexpected-continuation'],
  ])
  assert.deepEqual(
    frames.map(({ message }) => message?.index),
    [undefined, 0, 1, undefined],
  )
})

test('§5.5.1: what a Close frame says', () => {
  const close = (bytes: string) => {
    const [frame] = complete(bytes)
    return [frame!.close, ...codes([frame!])]
  }
  assert.deepEqual(close('8800'), [{ code: 1005, name: 'no status', reason: '' }, []])
  assert.deepEqual(close('8802 03e8'), [{ code: 1000, name: 'normal', reason: '' }, []])
  assert.deepEqual(close('8805 0fa1 627965'), [{ code: 4001, name: 'private', reason: 'bye' }, []])
  assert.deepEqual(close('8801 03'), [{ code: 1006, name: 'abnormal', reason: '' }, ['close-payload']])
  assert.deepEqual(close('8802 03ed'), [{ code: 1005, name: 'no status', reason: '' }, ['close-code']])
  assert.deepEqual(close('8803 03e8 ff'), [{ code: 1000, name: 'normal', reason: '�' }, ['invalid-utf8']])
  assert.deepEqual(close('8803 03e8 c3'), [{ code: 1000, name: 'normal', reason: '�' }, ['invalid-utf8']])
})

test('§5.5.1: no data frame follows a Close frame; control frames may', () => {
  assert.deepEqual(codes(complete('8802 03e8 8a00 8101 61 8300')), [
    [],
    [],
    ['data-after-close'],
    ['reserved-opcode', 'data-after-close'],
  ])
})

test('§8.1: where text stops being UTF-8, also across frames', () => {
  const places = (bytes: string): unknown[] =>
    complete(bytes).map(({ invalidTextAt, text }) => [invalidTextAt, text])
  assert.deepEqual(places('8105 61ceba ff62'), [[3, 'aκ�b']])
  assert.deepEqual(places('0102 61ce 8001 ba'), [
    [undefined, 'a�'],
    [undefined, '�'],
  ])
  assert.deepEqual(places('0102 61ce 8001 41'), [
    [undefined, 'a�'],
    [0, 'A'],
  ])
  assert.deepEqual(places('8102 61ce'), [[2, 'a�']])
  assert.deepEqual(codes(complete('0101 ff 0001 ff 8000 8101 ff')), [
    ['invalid-utf8'],
    [],
    [],
    ['invalid-utf8'],
  ])
})

test('a header may break many rules, and each is named', () => {
  const [frame] = complete('7983 00000000 616263')
  assert.deepEqual(codes([frame!]), [['reserved-bits', 'fragmented-control', 'mask-forbidden']])
  assert.deepEqual([frame!.rsv1, frame!.rsv2, frame!.rsv3], [true, true, true])
  assert.equal(toHex(frame!.payload), '616263')
})

test('§5.2: a frame with a reserved opcode is passed over, a length that is not minimal is believed', () => {
  const frames = complete('8302 6162 827e0001 63 8101 64')
  assert.deepEqual(codes(frames), [['reserved-opcode'], ['length-not-minimal'], []])
  assert.deepEqual(
    frames.map(({ opcodeName, payload, message }) => [opcodeName, toHex(payload), message?.index]),
    [
      ['reserved', '6162', undefined],
      ['binary', '63', 0],
      ['text', '64', 1],
    ],
  )
})

test('§5.2: behind a length that cannot be, it is lost, and says so', () => {
  for (const bytes of ['827f8000000000000000', '827f7fffffffffffffff']) {
    const { records, rest } = annotate([hex(bytes), hex('8101 61')])
    assert.deepEqual(
      records.map(({ stage, lost }) => [stage, lost]),
      [['header', true]],
    )
    assert(rest?.stage === 'cut')
    assert.equal(rest.receivedBytes, 3)
  }
})

test('a long control frame is kept whole up to 125 bytes, whatever else is not', () => {
  const [frame] = complete('887e007f 03e8' + '61'.repeat(125), { keptPayloadBytes: 0 })
  assert.deepEqual(codes([frame!]), [['long-control']])
  assert.equal(frame!.close?.reason.length, 123)
  const [text] = complete('8103 616263', { keptPayloadBytes: 2 })
  assert.deepEqual([text!.text, text!.payloadLength], ['ab', 3])
})

test('a reader with limits: what it would refuse', () => {
  const limits = { maxPayloadBytes: 3, maxFragments: 2 }
  assert.deepEqual(codes(complete('8204 01020304', limits)), [['too-large']])
  assert.deepEqual(codes(complete('0202 0102 8002 0304', limits)), [[], ['too-large']])
  assert.deepEqual(codes(complete('0200 0000 0000 8000', limits)), [
    [],
    [],
    ['too-many-fragments'],
    ['too-many-fragments'],
  ])
  // Two rules of the message at once, of which an endpoint names the first.
  assert.deepEqual(codes(complete('0100 827e007e' + '00'.repeat(126), { maxPayloadBytes: 125 })), [
    [],
    ['too-large', 'expected-continuation'],
  ])
  assert.deepEqual(
    codes(complete('4100 c17e008c' + '00'.repeat(140), { maxPayloadBytes: 100, deflate: true })),
    [[], ['expected-continuation']],
  )
  assert.deepEqual(
    codes(complete('4100 817e008c' + '00'.repeat(140), { maxPayloadBytes: 100, deflate: true })),
    [[], ['expected-continuation', 'too-large']],
  )
})

test('RFC 7692 §6: a compressed message is no text until somebody inflates it', () => {
  const frames = complete('4101 ff 8001 ff 8101 61', { deflate: true })
  assert.deepEqual(
    frames.map(({ compressed, text }) => [compressed, text]),
    [
      [true, undefined],
      [true, undefined],
      [false, 'a'],
    ],
  )
  assert.deepEqual(codes(frames), [[], [], []])
  const [refused] = complete('c101 61')
  assert.deepEqual(
    [refused!.compressed, refused!.text, ...codes([refused!])],
    [false, 'a', ['reserved-bits']],
  )
})

/** Inflates by doubling every byte, which is easier to read than deflate; `00` cannot be inflated. */
const doubling: Inflater = {
  inflate(compressed) {
    if (compressed.includes(0)) throw new FrameError('invalid-deflate', 'a zero')
    return new Uint8Array(Array.from(compressed).flatMap((byte) => [byte, byte]))
  },
}

test('RFC 7692 §7.2.2: a compressed message is inflated when its last frame is there', () => {
  const frames = complete('4101 61 8900 0000 8002 6263 c201 03 8101 64 c100', { inflater: doubling })
  assert.deepEqual(
    frames.map(({ inflated }) => inflated),
    [
      undefined,
      undefined,
      undefined,
      { length: 6, payload: hex('616162626363'), text: 'aabbcc' },
      { length: 2, payload: hex('0303') },
      undefined,
      { length: 0, payload: hex(''), text: '' },
    ],
  )
  const [short] = complete('c102 6162', { inflater: doubling, keptPayloadBytes: 3 })
  assert.deepEqual(short!.inflated, { length: 4, payload: hex('616162'), text: 'aab' })
  assert.deepEqual(annotatedFrameJson(short!).inflated, { length: 4, payload: '616162', text: 'aab' })
})

test('RFC 7692 §7.2.2: what cannot be inflated, and what is no text when it is; later messages are then unknown', () => {
  const frames = complete('c101 ff c101 00 c101 61', { inflater: doubling })
  assert.deepEqual(codes(frames), [['invalid-utf8'], ['invalid-deflate'], []])
  assert.deepEqual(
    frames.map(({ inflated }) => inflated?.length),
    [2, undefined, undefined],
  )
})

test('a compressed message that another one cuts short is forgotten', () => {
  const frames = complete('4101 61 c101 62', { inflater: doubling })
  assert.deepEqual(codes(frames), [[], ['expected-continuation']])
  assert.equal(frames[1]!.inflated?.text, 'bb')
})

test('a compressed message of more than 1 MiB is not kept, and nothing is known from then on', () => {
  const part = encodeFrame(Opcode.text, new Uint8Array(700_000).fill(0x61), { rsv: 0x40, fin: false })
  const last = encodeFrame(Opcode.continuation, new Uint8Array(700_000).fill(0x61))
  const { records } = annotate([part, last, hex('c101 61')], { inflater: doubling })
  assert.deepEqual(codes(records).flat(), [])
  assert(records.every(({ inflated }) => inflated === undefined))
})

test('an error of the inflater’s own passes through', () => {
  const inflater: Inflater = {
    inflate() {
      throw new RangeError('out of memory')
    },
  }
  assert.throws(() => annotate([hex('c100')], { inflater }), RangeError)
})

test('an error that is no verdict on the frame passes through', (context) => {
  context.mock.method(MessageAssembler.prototype, 'admit', () => {
    throw new RangeError('out of memory')
  })
  assert.throws(() => annotate([hex('8100')]), RangeError)
})

const anyFrame = fc
  .record({
    opcode: fc.constantFrom(...Object.values(Opcode)),
    payload: fc.uint8Array({ maxLength: 130 }),
    fin: fc.boolean(),
    rsv: fc.constantFrom(0, 0, 0, 0, 0x40, 0x10),
  })
  .map(({ opcode, payload, ...rest }) => encodeFrame(opcode, payload, rest))
const streams = fc.oneof(
  fc.array(anyFrame, { maxLength: 6 }).map((frames) => new Uint8Array(Buffer.concat(frames))),
  fc.uint8Array({ maxLength: 200 }),
)

test('its first violation is the one that the connection fails with', () => {
  const limits = { maxPayloadBytes: 200, maxFragments: 4, maxPendingPongs: 1000 }
  fc.assert(
    fc.property(streams, fc.boolean(), (bytes, asServer) => {
      const role = asServer ? 'server' : 'client'
      const refused = feed(open({ ...limits, role }), [bytes]).find((event) => 'close' in event)
      // What a frame that is not complete yet has wrong counts too: the connection does not wait for its end.
      const { records, rest } = annotate([bytes], { ...limits, role })
      const all = rest?.stage === 'cut' ? [...records, rest] : records
      // The connection reads nothing behind a Close frame.
      const end = all.findIndex(({ close }) => close !== undefined)
      const [first] = codes(end < 0 ? all : all.slice(0, end + 1)).flat()
      assert.equal(first, refused?.['error'])
    }),
    { numRuns: 1000 },
  )
})

test('no bytes make it throw, and cutting them changes nothing', () => {
  fc.assert(
    fc.property(streams, fc.boolean(), fc.nat(200), (bytes, deflate, at) => {
      const whole = annotate([bytes], { deflate })
      const cut = annotate([bytes.subarray(0, at), bytes.subarray(at)], { deflate })
      assert.deepEqual(cut, whole)
      assert.deepEqual(
        annotate(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          { deflate },
        ),
        whole,
      )
    }),
  )
})

test('a large masked payload is validated as text piece by piece, and only its beginning kept', () => {
  const text = new TextEncoder().encode('é'.repeat(70_000))
  const frame = encodeFrame(Opcode.text, text, { key: 0x12345678 })
  const { records } = annotate([frame.subarray(0, 5001), frame.subarray(5001)], { role: 'server' })
  assert.deepEqual(codes(records), [[], []])
  assert.equal(records[1]!.text, 'é'.repeat(2048))
  frame[frame.length - 1]! ^= 0x80
  const [, broken] = annotate([frame], { role: 'server' }).records
  assert.equal(broken!.invalidTextAt, 139_999)
})
