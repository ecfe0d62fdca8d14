// What there is to say about one frame to whoever reads a connection with their own eyes: the shape of the annotator's
// records, the names of opcodes and close codes, and the section of the RFC that each violation breaks. Records are
// plain objects; it refuses to judge anything, and it colours and draws nothing.

import { CloseCode } from './close-code.ts'
import type { FrameErrorCode } from './errors.ts'
import { Opcode } from './opcode.ts'

/** What the parser refuses, under the parser's code, and what only a reader of the whole stream can see. */
export type ViolationCode = FrameErrorCode | 'data-after-close'

export interface Violation {
  readonly code: ViolationCode
  /** Where it is forbidden, as in `RFC 6455 §5.2`. */
  readonly section: string
  readonly message: string
}

/** Which message a data frame belongs to. */
export interface MessagePart {
  /** The number of the message in its direction, from 0. */
  readonly index: number
  readonly kind: 'text' | 'binary'
  /** The number of the frame in its message, from 0. */
  readonly fragment: number
}

/** What a compressed message says (RFC 7692). */
export interface InflatedMessage {
  /** In bytes. */
  readonly length: number
  /** Its first bytes. */
  readonly payload: Uint8Array
  /** Those as text, if it is text. */
  readonly text?: string
}

/** The body of a Close frame. */
export interface CloseBody {
  /** As it was sent; 1005 if the body was empty, 1006 if it held half a code. */
  readonly code: number
  readonly name: string
  readonly reason: string
}

export interface AnnotatedFrame {
  /** `header` once the header is there, `complete` with the whole payload, `cut` if the stream ended in between. */
  readonly stage: 'header' | 'complete' | 'cut'
  /** The number of the frame in its direction, from 0. */
  readonly index: number
  /** Where in the stream its first byte stands. */
  readonly offset: number
  /** The header's bytes, 2 to 14, as they were. */
  readonly header: Uint8Array
  readonly fin: boolean
  readonly rsv1: boolean
  readonly rsv2: boolean
  readonly rsv3: boolean
  readonly opcode: number
  readonly opcodeName: keyof typeof Opcode | 'reserved'
  readonly masked: boolean
  /** Four bytes, if it is masked. */
  readonly maskingKey?: Uint8Array
  /** In how many bits the length stands. */
  readonly lengthBits: 7 | 16 | 64
  /** As declared, in bytes; beyond 2^53 it is not exact. */
  readonly payloadLength: number
  /** How much of the payload has arrived, in bytes. */
  readonly receivedBytes: number
  /** The first bytes of what has arrived of it, unmasked; how many are kept is the annotator's option. */
  readonly payload: Uint8Array
  /** Absent on control frames, reserved opcodes and continuations of nothing. */
  readonly message?: MessagePart
  /** Whether the payload is part of a compressed message (RFC 7692): RSV1 on its first frame says so. */
  readonly compressed: boolean
  /** The kept payload as text, if it is text and not compressed; a character cut by the frame's ends is U+FFFD. */
  readonly text?: string
  /** Where in the payload the message's text stops being UTF-8: its length if it ends inside a character. */
  readonly invalidTextAt?: number
  /** On the last frame of a compressed message, if the annotator was given an inflater. */
  readonly inflated?: InflatedMessage
  /** On a complete Close frame. */
  readonly close?: CloseBody
  readonly violations: readonly Violation[]
  /** Where the next frame begins cannot be known: what follows is counted as payload of this one. */
  readonly lost: boolean
}

/** The beginning of a header at which a stream ended. */
export interface CutHeader {
  readonly stage: 'cut-header'
  readonly index: number
  readonly offset: number
  readonly header: Uint8Array
}

const sections: Readonly<Record<ViolationCode, string>> = {
  'reserved-bits': 'RFC 6455 §5.2',
  'reserved-opcode': 'RFC 6455 §5.2',
  'fragmented-control': 'RFC 6455 §5.5',
  'long-control': 'RFC 6455 §5.5',
  'mask-missing': 'RFC 6455 §5.1',
  'mask-forbidden': 'RFC 6455 §5.1',
  'length-not-minimal': 'RFC 6455 §5.2',
  'length-top-bit': 'RFC 6455 §5.2',
  'unexpected-continuation': 'RFC 6455 §5.4',
  'expected-continuation': 'RFC 6455 §5.4',
  'close-payload': 'RFC 6455 §5.5.1',
  'close-code': 'RFC 6455 §7.4',
  'invalid-utf8': 'RFC 6455 §8.1',
  'invalid-deflate': 'RFC 7692 §7.2.2',
  // Limits are not the protocol's but the reader's own.
  'too-many-fragments': 'RFC 6455 §10.4',
  'too-many-pings': 'RFC 6455 §10.4',
  'too-large': 'RFC 6455 §10.4',
  'data-after-close': 'RFC 6455 §5.5.1',
}

export function violation(code: ViolationCode, message: string): Violation {
  return { code, section: sections[code], message }
}

const opcodeNames = new Map<number, keyof typeof Opcode>(
  Object.entries(Opcode).map(([name, opcode]) => [opcode, name as keyof typeof Opcode]),
)

export function opcodeName(opcode: number): keyof typeof Opcode | 'reserved' {
  return opcodeNames.get(opcode) ?? 'reserved'
}

const closeCodeNames = new Map<number, string>(
  Object.entries(CloseCode).map(([name, code]) => [
    code,
    name.replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`),
  ]),
)

/** What a close code means, in two words; for those without a name of their own, whose they are (§7.4.2). */
export function closeCodeName(code: number): string {
  const name = closeCodeNames.get(code)
  if (name !== undefined) return name
  if (code >= 4000 && code <= 4999) return 'private'
  if (code >= 3000 && code <= 3999) return 'registered'
  return 'reserved'
}

/** The same as JSON can say it: bytes as hexadecimal text, the rest as it is. */
type Json<T> = {
  readonly [Key in keyof T]: T[Key] extends Uint8Array | undefined
    ? string
    : T[Key] extends InflatedMessage | undefined
      ? Json<InflatedMessage>
      : T[Key]
}

export type AnnotatedFrameJson = Json<AnnotatedFrame>

export function annotatedFrameJson(frame: AnnotatedFrame): AnnotatedFrameJson {
  const { maskingKey, inflated, ...rest } = frame
  return {
    ...rest,
    header: hexadecimal(frame.header),
    payload: hexadecimal(frame.payload),
    ...(maskingKey !== undefined && { maskingKey: hexadecimal(maskingKey) }),
    ...(inflated !== undefined && { inflated: { ...inflated, payload: hexadecimal(inflated.payload) } }),
  }
}

/** Two digits a byte, with nothing in between. */
export function hexadecimal(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
