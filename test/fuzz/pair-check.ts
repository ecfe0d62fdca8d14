/**
 * Our client and our server on a simulated pipe of bytes that delivers what it likes when it likes: whatever the two say
 * at the same time, each hears what the other said, in order, and both agree on how it ended.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PerMessageDeflate, resolveDeflate } from '../../src/wire/index.ts'
import { type DeflateTerms, Opcode, RSV1 } from 'holdfast/websocket/frames'
import { writeFrame } from './conversation.ts'
import { Endpoint } from './endpoint.ts'

type Side = 'client' | 'server'

type Step =
  | {
      readonly kind: 'say'
      readonly side: Side
      readonly text: boolean
      readonly payload: string
      readonly cuts: readonly number[]
    }
  | { readonly kind: 'ping'; readonly side: Side; readonly payload: string }
  | { readonly kind: 'close'; readonly side: Side; readonly code: number }
  | { readonly kind: 'deliver'; readonly side: Side; readonly bytes: number }

const side = fc.constantFrom<Side>('client', 'server')
/** Also such as compress well, alone and with what was said before. */
const said = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .tuple(fc.constantFrom('Holdfast ', 'hold', 'ab', 'é'), fc.nat(100))
    .map(([word, times]) => word.repeat(times)),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      side,
      text: fc.boolean(),
      payload: said,
      cuts: fc.array(fc.nat(50), { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('ping' as const),
      side,
      payload: fc.string({ unit: 'grapheme-ascii', maxLength: 10 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('close' as const),
      side,
      code: fc.constantFrom(1000, 1001, 4999),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      side,
      bytes: fc.integer({ min: 1, max: 80 }),
    }),
  },
)

/** How the two have agreed to compress, if they have: each side's window, and whether it outlives a message. */
export interface Dialogue {
  readonly steps: readonly Step[]
  readonly deflate: Readonly<Record<Side, DeflateTerms>> | undefined
}

const terms: fc.Arbitrary<DeflateTerms> = fc.record({
  contextTakeover: fc.boolean(),
  windowBits: fc.integer({ min: 8, max: 15 }),
})

export const dialogue: fc.Arbitrary<Dialogue> = fc.record({
  steps: fc.array(step, { maxLength: 60 }),
  deflate: fc.option(fc.record({ client: terms, server: terms }), { nil: undefined }),
})

const RULES = {
  maxPayloadBytes: 1_000,
  maxFragments: 10,
  maxPendingPongs: 1_000,
  deflate: false,
  closing: false,
} as const

const OTHER = { client: 'server', server: 'client' } as const
const SETTINGS = resolveDeflate({ thresholdBytes: 0 })

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** One side, what it has said, and what of it is on its way. */
class Speaker {
  readonly endpoint: Endpoint
  readonly said: string[] = []
  closeCode: number | undefined
  readonly #masked: boolean
  readonly #deflate: PerMessageDeflate | undefined
  #onItsWay = Buffer.alloc(0)

  constructor(role: Side, agreed: Dialogue['deflate']) {
    if (agreed !== undefined) {
      const agreement = { outgoing: agreed[role], incoming: agreed[OTHER[role]] }
      this.#deflate = new PerMessageDeflate(SETTINGS, agreement, RULES.maxPayloadBytes)
    }
    this.endpoint = new Endpoint({ ...RULES, role }, this.#deflate)
    this.#masked = role === 'client'
  }

  get isOpen(): boolean {
    return this.endpoint.connection.state.name === 'open'
  }

  say(text: boolean, payload: string, cuts: readonly number[]): void {
    if (!this.isOpen) return
    const plain = Buffer.from(payload)
    const deflated = this.#deflate?.suits(plain.length) ? this.#deflate.deflate(plain) : undefined
    const bytes = deflated ?? plain
    const places = cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b)
    for (const [index, start] of [0, ...places].entries()) {
      const opcode = index > 0 ? Opcode.continuation : text ? Opcode.text : Opcode.binary
      const fragment = bytes.subarray(start, places[index] ?? bytes.length)
      const key = this.#masked ? 0x9abc_def0 : undefined
      this.endpoint.connection.output.push(
        writeFrame({
          fin: index === places.length,
          rsv: deflated !== undefined && index === 0 ? RSV1 : 0,
          opcode,
          key,
          form: 'shortest',
          length: undefined,
          payload: fragment,
        }),
      )
    }
    this.said.push(`${text ? 'text' : 'binary'}:${hex(payload)}`)
  }

  ping(payload: string): void {
    if (!this.isOpen) return
    this.endpoint.connection.ping(Buffer.from(payload))
    this.said.push(`ping:${hex(payload)}`)
  }

  close(code: number): void {
    if (!this.isOpen) return
    this.endpoint.connection.close(code)
    this.closeCode = code
  }

  /** The next so many bytes of what it has said or answered. */
  take(most: number): Buffer {
    const { connection } = this.endpoint
    this.#onItsWay = Buffer.concat([this.#onItsWay, ...connection.output])
    connection.output = []
    const taken = this.#onItsWay.subarray(0, most)
    this.#onItsWay = this.#onItsWay.subarray(taken.length)
    return taken
  }
}

const deliver = (from: Speaker, to: Speaker, most: number): boolean => {
  const bytes = from.take(most)
  if (bytes.length > 0) to.endpoint.receive(bytes)
  return bytes.length > 0
}

export const checkPair = ({ steps, deflate }: Dialogue): void => {
  const speakers = { client: new Speaker('client', deflate), server: new Speaker('server', deflate) }
  const other = { client: speakers.server, server: speakers.client }
  for (const each of steps) {
    const speaker = speakers[each.side]
    if (each.kind === 'say') speaker.say(each.text, each.payload, each.cuts)
    else if (each.kind === 'ping') speaker.ping(each.payload)
    else if (each.kind === 'close') speaker.close(each.code)
    else deliver(speaker, other[each.side], each.bytes)
  }
  // Whatever is still on its way arrives.
  while (
    deliver(speakers.client, speakers.server, 1_000) ||
    deliver(speakers.server, speakers.client, 1_000)
  );
  for (const name of ['client', 'server'] as const) agree(speakers[name], other[name])
}

/** What one side heard is what the other said. */
const agree = (listener: Speaker, speaker: Speaker): void => {
  const heard = listener.endpoint.heard.filter(
    (word) => !word.startsWith('pong:') && !word.startsWith('close:'),
  )
  assert.deepEqual(heard, speaker.said, 'everything that was said was heard, in order')
  const pongs = listener.endpoint.heard.filter((word) => word.startsWith('pong:')).length
  const pings = listener.said.filter((word) => word.startsWith('ping:')).length
  const closed = [listener, speaker].some(({ closeCode }) => closeCode !== undefined)
  // A ping that meets the other's Close frame on its way may stay unanswered.
  if (!closed) assert.equal(pongs, pings, 'every ping was answered')
  assert.equal(listener.endpoint.error, undefined, 'nobody broke the protocol')
  const { state } = listener.endpoint.connection
  if (!closed) {
    assert.equal(state.name, 'open')
    return
  }
  // Who has closed hears the other's code, or the echo of its own.
  assert.equal(state.name, 'closed')
  assert(state.name === 'closed')
  assert.equal(state.code, speaker.closeCode ?? listener.closeCode)
}
