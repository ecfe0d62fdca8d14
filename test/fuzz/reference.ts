/**
 * The oracle: RFC 6455 read a second time. It takes all bytes of one direction at once, as text of 0 and 1, cuts them
 * into frames, and says what a strict endpoint hears, answers and refuses. It is slow, remembers nothing between
 * chunks because it knows none, and shares no line with the parser that it judges.
 */
import { isUtf8 } from 'node:buffer'
import { inflateMessage } from './reference-inflate.ts'

export interface Rules {
  readonly role: 'client' | 'server'
  readonly maxPayloadBytes: number
  readonly maxFragments: number
  readonly maxPendingPongs: number
  /** Whether permessage-deflate without context takeover was negotiated. */
  readonly deflate: boolean
  /** Whether this endpoint has sent its Close frame before anything came. */
  readonly closing: boolean
}

/** Bytes are text of hexadecimal digits. */
export interface Outcome {
  /** `text:…`, `binary:…`, `ping:…`, `pong:…`, and at last `close:CODE:REASON` or `refused:CODE`. */
  readonly heard: readonly string[]
  /** What is sent in answer: `pong:…` and `close:…`. */
  readonly answered: readonly string[]
}

export interface RawFrame {
  readonly fin: string
  readonly rsv: string
  readonly opcode: string
  readonly mask: string
  /** The seven bits. */
  readonly form: string
  readonly length: bigint
  /** Unmasked, as much of it as there is. */
  readonly payload: number[]
  readonly complete: boolean
}

const DEFLATE_SLACK = (length: number): number => length + Math.floor(length / 8) + 64

/** §5.2, field by field. A header that is not there to its end is no frame yet. */
export const cutIntoFrames = (bytes: Uint8Array): RawFrame[] => {
  const frames: RawFrame[] = []
  let rest = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const pattern = /^(?<fin>.)(?<rsv>...)(?<opcode>....)(?<mask>.)(?<form>.{7})/
  for (;;) {
    const groups = pattern.exec(rest)?.groups
    if (groups === undefined) return frames
    const { fin, rsv, opcode, mask, form } = groups as Record<
      'fin' | 'rsv' | 'opcode' | 'mask' | 'form',
      string
    >
    const more = form === '1111110' ? 16 : form === '1111111' ? 64 : 0
    const keyBits = mask === '1' ? 32 : 0
    if (rest.length < 16 + more + keyBits) return frames
    const length = BigInt(`0b${more === 0 ? form : rest.slice(16, 16 + more)}`)
    const key = octets(rest.slice(16 + more, 16 + more + keyBits))
    const body = rest.slice(16 + more + keyBits)
    const there = length * 8n < BigInt(body.length) ? Number(length) * 8 : body.length
    const payload = octets(body.slice(0, there)).map((byte, index) => byte ^ (key[index % 4] ?? 0))
    const complete = BigInt(payload.length) === length
    frames.push({ fin, rsv, opcode, mask, form, length, payload, complete })
    if (!complete) return frames
    rest = body.slice(there)
  }
}

const octets = (bits: string): number[] =>
  (bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2))

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex')

const NAMES: Readonly<Record<string, string>> = {
  '0000': 'continuation',
  '0001': 'text',
  '0010': 'binary',
  '1000': 'close',
  '1001': 'ping',
  '1010': 'pong',
}

class Refusal extends Error {
  /** More than one when it is a matter of how much is looked at before it is refused. */
  readonly codes: readonly number[]

  constructor(...codes: number[]) {
    super(codes.join(' or '))
    this.codes = codes
  }
}

export const reference = (bytes: Uint8Array, rules: Rules): Outcome => {
  const heard: string[] = []
  const answered: string[] = []
  const message: Message = { kind: undefined, compressed: false, fragments: 0, payload: [] }
  let pongs = 0
  try {
    for (const frame of cutIntoFrames(bytes)) {
      judge(frame, rules)
      const name = NAMES[frame.opcode]!
      if (name === 'continuation' || name === 'text' || name === 'binary') {
        const whole = takeData(frame, message, rules)
        if (whole !== undefined) heard.push(whole)
      } else if (frame.complete && name === 'pong') {
        heard.push(`pong:${hex(frame.payload)}`)
      } else if (frame.complete && name === 'ping') {
        if (++pongs > rules.maxPendingPongs) throw new Refusal(1008)
        answered.push(`pong:${hex(frame.payload)}`)
        heard.push(`ping:${hex(frame.payload)}`)
      } else if (frame.complete) {
        heard.push(readClose(frame.payload))
        if (!rules.closing) answered.push(`close:${hex(frame.payload)}`)
        // §5.5.1: nothing follows.
        return { heard, answered }
      }
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const codes = error.codes.join('|')
    heard.push(`refused:${codes}`)
    if (!rules.closing)
      answered.push(`close:${error.codes.map((code) => code.toString(16).padStart(4, '0')).join('|')}`)
  }
  return { heard, answered }
}

/** What is wrong with a header by itself. */
const judge = ({ fin, rsv, opcode, mask, form, length }: RawFrame, rules: Rules): void => {
  const name = NAMES[opcode]
  const mayCompress = rules.deflate && (name === 'text' || name === 'binary')
  if (rsv !== '000' && !(rsv === '100' && mayCompress)) throw new Refusal(1002)
  if (name === undefined) throw new Refusal(1002)
  if (opcode.startsWith('1') && (fin === '0' || length > 125n)) throw new Refusal(1002)
  // §5.5 again: a control frame has no use for a longer form, which could not be minimal either.
  if (opcode.startsWith('1') && (form === '1111110' || form === '1111111')) throw new Refusal(1002)
  if ((mask === '1') !== (rules.role === 'server')) throw new Refusal(1002)
  if (form === '1111110' && length < 126n) throw new Refusal(1002)
  if (form === '1111111' && (length < 65_536n || length >= 2n ** 63n)) throw new Refusal(1002)
  const most = rules.deflate ? DEFLATE_SLACK(rules.maxPayloadBytes) : rules.maxPayloadBytes
  if (length > BigInt(most)) throw new Refusal(1009)
}

interface Message {
  kind: 'text' | 'binary' | undefined
  compressed: boolean
  fragments: number
  payload: number[]
}

const takeData = (frame: RawFrame, message: Message, rules: Rules): string | undefined => {
  const name = NAMES[frame.opcode] as 'continuation' | 'text' | 'binary'
  if ((name === 'continuation') === (message.kind === undefined)) throw new Refusal(1002)
  if (name !== 'continuation') {
    message.kind = name
    message.compressed = frame.rsv === '100'
    message.fragments = 0
    message.payload = []
  }
  if (++message.fragments > Math.max(rules.maxFragments, 1)) throw new Refusal(1008)
  const most = message.compressed ? DEFLATE_SLACK(rules.maxPayloadBytes) : rules.maxPayloadBytes
  if (frame.length + BigInt(message.payload.length) > BigInt(most)) throw new Refusal(1009)
  for (const byte of frame.payload) message.payload.push(byte)
  const { kind, compressed, payload } = message
  const last = frame.complete && frame.fin === '1'
  if (kind === 'text' && !compressed && !(last ? isUtf8(Buffer.from(payload)) : canBecomeUtf8(payload))) {
    throw new Refusal(1007)
  }
  if (!last) return undefined
  message.kind = undefined
  const said = compressed ? inflated(payload, rules) : payload
  if (kind === 'text' && !isUtf8(Buffer.from(said))) throw new Refusal(1007)
  return `${kind}:${hex(said)}`
}

const inflated = (payload: readonly number[], { maxPayloadBytes }: Rules): readonly number[] => {
  const options = { mostFinalBlocks: MOST_FINAL_BLOCKS }
  const result = inflateMessage(payload, maxPayloadBytes, options)
  if ('bytes' in result) return result.bytes
  // Whoever puts back more than the four bytes, to see that data is complete, may inflate them too.
  if (result.fault === 'cut-short') throw new Refusal(1007, 1009)
  if (result.fault !== 'too-large') throw new Refusal(1007)
  // Whoever inflates ahead of the limit may see what is wrong behind it first.
  const further = inflateMessage(payload, maxPayloadBytes + 100_000, options)
  throw 'bytes' in further || further.fault === 'too-large' ? new Refusal(1009) : new Refusal(1007, 1009)
}

/** The endpoint's own limit: a message needs no final block at all. */
const MOST_FINAL_BLOCKS = 8

/** Every way in which a last character could go on: no bytes, one, two or three, at the bounds of what may come. */
const TAILS: Buffer[] = [Buffer.alloc(0)]
for (const tail of TAILS) {
  if (tail.length < 3)
    for (const byte of [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf]) TAILS.push(Buffer.of(...tail, byte))
}

/** §8.1: whether any text begins like this. */
const canBecomeUtf8 = (payload: readonly number[]): boolean => {
  const beginning = Buffer.from(payload)
  return TAILS.some((tail) => isUtf8(Buffer.concat([beginning, tail])))
}

/** §5.5.1 and §7.4. */
const readClose = (payload: readonly number[]): string => {
  if (payload.length === 0) return 'close:1005:'
  if (payload.length === 1) throw new Refusal(1002)
  const code = payload[0]! * 256 + payload[1]!
  const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
  if (!registered.includes(code) && !(code >= 3000 && code <= 4999)) throw new Refusal(1002)
  const reason = payload.slice(2)
  if (!isUtf8(Buffer.from(reason))) throw new Refusal(1007)
  return `close:${code}:${hex(reason)}`
}
