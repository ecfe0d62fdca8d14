/** The short run: the corpus first, then a few hundred new inputs for each target. `npm run fuzz` is the long one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  Connection,
  FrameAnnotator,
  parseExtensions,
  readHandshake,
  type HandshakeRequest,
} from 'holdfast/websocket/frames'
import { writeFrame } from './conversation.ts'
import { readCorpus } from './corpus.ts'
import { observe } from './endpoint.ts'
import { checkStream } from './stream-check.ts'
import { TARGETS } from './targets.ts'

const RUNS = Number(process.env['HOLDFAST_RUNS'] ?? 300)

test('the corpus is replayed', async (t) => {
  const corpus = readCorpus()
  assert(corpus.length >= 20, 'the corpus was found')
  for (const entry of corpus) await t.test(`${entry.name}: ${entry.about}`, () => checkStream(entry))
})

for (const { name, weight, property } of TARGETS) {
  test(`${name}: what must hold holds for new inputs`, () => {
    fc.assert(property(), { numRuns: RUNS * weight })
  })
}

/** The least of several measurements, milliseconds: what the machine does beside it only adds. */
const time = (work: () => void): number => {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

/** Measured again and again: work that is not linear is slow each time, a machine that does something else is not. */
const ATTEMPTS = 5

/** Sixteen times as much may take some forty times as long, for the machine's sake, but not two hundred. */
const assertLinear = (name: string, work: (size: number) => () => void, base = 2_000): void => {
  // Once beforehand, so that nothing is measured while the code is still being compiled.
  time(work(base / 4))
  const seen: string[] = []
  while (seen.length < ATTEMPTS) {
    const [small, large] = [time(work(base)), time(work(16 * base))]
    if (large < 60 * Math.max(small, 0.05)) return
    seen.push(`${small} ms for ${base}, ${large} ms for 16 times that`)
  }
  assert.fail(`${name}: ${seen.join('; ')}`)
}

const limits = {
  role: 'client',
  maxPayloadBytes: 1_000_000,
  maxFragments: 1_000_000,
  maxPendingPongs: 1_000_000,
  deflate: false,
  closing: false,
} as const

test('time and memory are linear in what arrives, however it is cut', () => {
  const bytewise = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))
  const frame = { fin: true, rsv: 0, opcode: 1, key: undefined, form: 'shortest', length: undefined } as const
  const whole = (size: number): Buffer => writeFrame({ ...frame, payload: new Uint8Array(size).fill(0x61) })
  const fragments = (size: number): Buffer =>
    Buffer.concat([Buffer.of(0x01, 0x00), ...Array.from({ length: size }, () => Buffer.of(0x00, 0x01, 0x61))])
  assertLinear('one byte at a time', (size) => {
    const chunks = bytewise(whole(size))
    return () => observe(chunks, limits)
  })
  assertLinear('fragments of one byte', (size) => {
    const chunks = [fragments(size)]
    return () => observe(chunks, limits)
  })
  assertLinear('pings', (size) => {
    const chunks = [Buffer.concat(Array.from({ length: size }, () => Buffer.of(0x89, 0x00)))]
    return () => observe(chunks, limits)
  })
  for (const size of [10_000, 100_000]) {
    const { allocatedBytes, largestAllocation } = observe(bytewise(whole(size)), limits)
    assert(allocatedBytes < 3 * size, `${allocatedBytes} bytes in all for ${size}`)
    assert(largestAllocation <= size)
  }
})

test('annotating takes linear time', () => {
  const decodeText = (bytes: Uint8Array): string => String(bytes.length)
  assertLinear(
    'frames that break every rule',
    (size) => {
      const bytes = new Uint8Array(size).fill(0x7f).map((byte, index) => (index % 2 === 0 ? byte : 0))
      return () => void new FrameAnnotator({ role: 'server', decodeText }).annotate(bytes)
    },
    500,
  )
  assertLinear('text that is invalid from the start', (size) => {
    const bytes = new Uint8Array(size + 10).fill(0xff)
    bytes.set([0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 0])
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte))
    return () => {
      const annotator = new FrameAnnotator({ role: 'client', decodeText })
      for (const chunk of chunks) annotator.annotate(chunk)
    }
  })
})

test('handshakes are read in linear time', () => {
  const request = (name: string, value: string): HandshakeRequest => ({
    method: 'GET',
    httpVersion: '1.1',
    headers: [
      ...['Host', 'a', 'Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Version', '13'],
      ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', name, value],
    ],
  })
  const read = (name: string, value: string): void => {
    try {
      readHandshake(request(name, value))
    } catch {
      // Refused or not, it is how long it takes that counts.
    }
  }
  for (const piece of [' ', ',', 'a', 'a,', '\t,', 'a;b=c,', 'a;b="c\\d";', '"', '\\"', ';=', 'a;']) {
    assertLinear(`extensions of ${JSON.stringify(piece)}`, (size) => {
      const text = `a;b="${piece.repeat(size / piece.length)}`
      const plain = piece.repeat(size / piece.length)
      return () => {
        parseExtensions(text)
        parseExtensions(plain)
        read('Sec-WebSocket-Extensions', plain)
        read('Sec-WebSocket-Protocol', plain)
      }
    })
  }
})

test('an idle endpoint holds on to no chunk', () => {
  const connection = new Connection({
    role: 'client',
    maxPayloadBytes: 100,
    maxFragments: 10,
    maxPendingPongs: 10,
    decodeText: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)).toString(),
    encodeText: (text) => Buffer.from(text),
    allocate: (size) => new Uint8Array(size),
  })
  const chunk = Uint8Array.of(0x81, 0x01, 0x61)
  connection.receive(chunk)
  while (connection.next() !== undefined);
  const seen = new Set<unknown>()
  const reaches = (value: unknown): boolean => {
    if (value === chunk || value === chunk.buffer) return true
    if (typeof value !== 'object' || value === null || seen.has(value)) return false
    seen.add(value)
    if (ArrayBuffer.isView(value)) return reaches(value.buffer)
    return Object.values(value).some(reaches)
  }
  assert.equal(reaches(connection), false)
})
