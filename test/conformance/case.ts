// The language that conformance cases are written in: what is sent, what must be heard, and the one allowed end. A case
// is data and knows no socket; it fits both roles, since an echo is an echo from either side.

import { BINARY, CLOSE, CONTINUATION, type Frame, PING, PONG, TEXT } from './frame.ts'

export interface Case {
  /** The section's number, then the case's: `5.17`. */
  readonly id: string
  readonly title: string
  /** The rule that it puts to the test, such as `6455 §5.4`. */
  readonly rfc: string
  readonly steps: readonly Step[]
  /** Compression that must be in force; without it the case proves nothing and is left out. */
  readonly deflate?: DeflateParameters
  /** What the subject must have been told to allow, for the outcome to be this one. */
  readonly limit?: 'payload' | 'fragments'
  /** Milliseconds until it has failed; 10,000. */
  readonly deadlineMs?: number
  /** It sends so much that once per way of travelling is enough, and never byte by byte. */
  readonly heavy?: boolean
}

/** What a client offers (RFC 7692 §7.1); `true` is a parameter without a value. */
export interface DeflateParameters {
  readonly server_no_context_takeover?: true
  readonly client_no_context_takeover?: true
  readonly server_max_window_bits?: number
  readonly client_max_window_bits?: number | true
}

/** A whole message, compressed as negotiated on its way out, in one frame or in several. */
export interface Compressed {
  readonly compressed: Frame
  /** The size of each fragment of what was compressed; one frame otherwise. */
  readonly fragmentBytes?: number
}

/** Frames, bytes that are none, or a message to compress. */
export type Piece = Frame | Buffer | Compressed

export interface Heard {
  readonly opcode: number
  readonly payload: Buffer
}

/**
 * - send: written at once, or in pieces of `chopBytes`.
 * - hear: exactly these, in this order.
 * - fails: a Close frame with this code, then the end of the connection, without anything further from us.
 * - answers: the Close frame that answers ours, with this code or none, then the end, which is the server's to begin.
 * - hangsUp: our side ends without a Close frame; the subject's ends without a word.
 */
export type Step =
  | { readonly type: 'send'; readonly pieces: readonly Piece[]; readonly chopBytes?: number }
  | { readonly type: 'hear'; readonly heard: readonly Heard[] }
  | { readonly type: 'fails'; readonly code: number }
  | { readonly type: 'answers'; readonly code: number | undefined }
  | { readonly type: 'hangsUp' }

export const bytes = (data: string | Uint8Array): Buffer => Buffer.from(data)
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

type Details = Omit<Frame, 'opcode' | 'payload'>
const frameOf =
  (opcode: number) =>
  (payload: string | Uint8Array = '', details: Details = {}): Frame => ({
    opcode,
    payload: payload instanceof Buffer ? payload : bytes(payload),
    ...details,
  })

export const text: ReturnType<typeof frameOf> = frameOf(TEXT)
export const binary: ReturnType<typeof frameOf> = frameOf(BINARY)
export const continuation: ReturnType<typeof frameOf> = frameOf(CONTINUATION)
export const ping: ReturnType<typeof frameOf> = frameOf(PING)
export const pong: ReturnType<typeof frameOf> = frameOf(PONG)
export const close: ReturnType<typeof frameOf> = frameOf(CLOSE)

/** A Close frame's body. */
export const closeBody = (code: number, reason: string | Uint8Array = ''): Buffer =>
  Buffer.concat([Buffer.of(code >> 8, code & 0xff), bytes(reason)])

export const send = (...pieces: Piece[]): Step => ({ type: 'send', pieces })
export const sendChopped = (chopBytes: number, ...pieces: Piece[]): Step => ({
  type: 'send',
  pieces,
  chopBytes,
})
export const hear = (...heard: Heard[]): Step => ({ type: 'hear', heard })
export const fails = (code: number): Step => ({ type: 'fails', code })
export const hangsUp: Step = { type: 'hangsUp' }

export const answers = (code?: number): Step => ({ type: 'answers', code })

/** We close with this body, and `behind` follows in the same write; the answer carries the body's code. */
export const closes = (body: Buffer, ...behind: Piece[]): Step[] => [
  send(close(body), ...behind),
  answers(body.length === 0 ? undefined : body.readUInt16BE(0)),
]

/** One message there and back. */
export const round = (message: Frame): Step[] => [send(message), hear(message)]

/** One message in as many frames as there are parts. */
export function fragments(opcode: number, parts: readonly Buffer[]): Frame[] {
  return parts.map((payload, index) => ({
    opcode: index === 0 ? opcode : CONTINUATION,
    payload,
    fin: index === parts.length - 1,
  }))
}

/** `payload` in parts of `size` bytes. */
export function parts(payload: Buffer, size: number): Buffer[] {
  const cut: Buffer[] = []
  for (let at = 0; at < payload.length; at += size) cut.push(payload.subarray(at, at + size))
  return cut
}

export interface Section {
  readonly number: number
  readonly title: string
  readonly cases: readonly Case[]
}

type Draft = readonly [title: string, steps: readonly Step[], details?: Partial<Omit<Case, 'steps'>>]

/** Numbers the cases of a section in their order. */
export function section(number: number, title: string, rfc: string, drafts: readonly Draft[]): Section {
  const cases = drafts.map(([caseTitle, steps, details], index) => ({
    id: `${number}.${index + 1}`,
    title: caseTitle,
    rfc,
    steps,
    ...details,
  }))
  return { number, title, cases }
}

export type { Draft }
