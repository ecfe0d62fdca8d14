/**
 * One of our endpoints under the fuzzer: bytes in chunks go in, what it hears and answers comes out, in the words of the
 * oracle. Each chunk is overwritten as soon as it is used up, and every allocation is counted.
 */
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { PerMessageDeflate, resolveDeflate } from '../../src/wire/index.ts'
import { Connection, type ConnectionEvent, type Inflater } from 'holdfast/websocket/frames'
import { cutIntoFrames, type Outcome, type Rules } from './reference.ts'

/** A key that is easy to see, and not the same turned by any number of bytes. */
const KEY = 0x0102_0408

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const inflaterFor = ({ deflate, maxPayloadBytes }: Rules): PerMessageDeflate | undefined => {
  if (!deflate) return undefined
  const terms = { contextTakeover: false, windowBits: 15 }
  return new PerMessageDeflate(resolveDeflate({}), { incoming: terms, outgoing: terms }, maxPayloadBytes)
}

export interface Observation extends Outcome {
  /** The code of the FrameError that ended it. */
  readonly error: string | undefined
  readonly largestAllocation: number
  readonly allocatedBytes: number
}

export class Endpoint {
  readonly connection: Connection
  largestAllocation = 0
  allocatedBytes = 0
  error: string | undefined
  readonly heard: string[] = []

  constructor(rules: Rules, inflater: Inflater | undefined = inflaterFor(rules)) {
    this.connection = new Connection(
      {
        role: rules.role,
        maxPayloadBytes: rules.maxPayloadBytes,
        maxFragments: rules.maxFragments,
        maxPendingPongs: rules.maxPendingPongs,
        decodeText: (bytes, start, end, ascii) => {
          const part = Buffer.from(bytes.subarray(start, end))
          assert(!ascii || part.every((byte) => byte < 0x80), 'called ASCII what is not')
          return isUtf8(part) ? part.toString() : undefined
        },
        encodeText: (text) => Buffer.from(text),
        allocate: (size) => {
          this.largestAllocation = Math.max(this.largestAllocation, size)
          this.allocatedBytes += size
          // Nobody may rely on what is in it.
          return new Uint8Array(size).fill(0xa5)
        },
        ...(rules.role === 'client' && { maskKey: () => KEY }),
      },
      inflater,
    )
    if (rules.closing) {
      this.connection.close()
      this.connection.output = []
    }
  }

  receive(chunk: Uint8Array): void {
    const copy = Uint8Array.from(chunk)
    this.connection.receive(copy)
    for (let event = this.connection.next(); event !== undefined; event = this.connection.next()) {
      this.heard.push(wordsFor(event))
      if (event.type === 'close') this.error = event.error?.code
    }
    copy.fill(0xff)
  }

  /** What it has sent, read by the oracle's own eyes: complete, masked or not as it must be. */
  answered(): string[] {
    return this.connection.output.flatMap((bytes) =>
      cutIntoFrames(bytes).map(({ opcode, payload, complete }) => {
        assert(complete)
        return `${opcode === '1000' ? 'close' : opcode === '1010' ? 'pong' : `opcode ${opcode}`}:${hex(Uint8Array.from(payload))}`
      }),
    )
  }
}

const wordsFor = (event: ConnectionEvent): string => {
  if (event.type === 'text') return `text:${hex(Buffer.from(event.data))}`
  if (event.type === 'binary') return `binary:${hex(event.data)}`
  if (event.type === 'ping' || event.type === 'pong') return `${event.type}:${hex(event.payload)}`
  if (event.type === 'part') throw new Error('parts were not asked for')
  if (event.error !== undefined) {
    assert.equal(event.code, event.error.closeCode)
    return `refused:${event.code}`
  }
  return `close:${event.code}:${hex(Buffer.from(event.reason))}`
}

/** The whole of what happens with these chunks. */
export const observe = (chunks: Iterable<Uint8Array>, rules: Rules): Observation => {
  const endpoint = new Endpoint(rules)
  for (const chunk of chunks) endpoint.receive(chunk)
  const { heard, error, largestAllocation, allocatedBytes } = endpoint
  return { heard, answered: endpoint.answered(), error, largestAllocation, allocatedBytes }
}

/** The bytes cut at these places. */
export const cutAt = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((start, index) => bytes.subarray(start, sorted[index] ?? bytes.length))
}
