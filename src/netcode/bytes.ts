/**
 * What travels, as bytes; big-endian, version 1. Decoding checks every bound and returns undefined for anything that
 * this file could not have written.
 *
 *   input      version u8 = 1 | kind u8 = 2 | seq u32 | tick u32 | the command, in the game's own bytes
 *
 *   snapshot   version u8 = 1 | kind u8 = 1 | tick u32 | players u8
 *              then each player  number u8 | seq u32 | early i8 | missed u8
 *              then the state, in the game's own bytes
 */
import type { Heard, Input, Snapshot } from './game.ts'

const VERSION = 1
const SNAPSHOT = 1
const INPUT = 2
const INPUT_HEAD = 10
const SNAPSHOT_HEAD = 7
const HEARD_BYTES = 7

export const encodeInput = ({ seq, tick, command }: Input<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(INPUT_HEAD + command.length)
  const view = begin(bytes, INPUT)
  view.setUint32(2, seq)
  view.setUint32(6, tick)
  bytes.set(command, INPUT_HEAD)
  return bytes
}

export const decodeInput = (bytes: unknown): Input<Uint8Array> | undefined => {
  if (!isKind(bytes, INPUT, INPUT_HEAD)) return undefined
  const view = viewOf(bytes)
  return { seq: view.getUint32(2), tick: view.getUint32(6), command: bytes.subarray(INPUT_HEAD) }
}

export const encodeSnapshot = ({ tick, heard, state }: Snapshot<Uint8Array>): Uint8Array => {
  const stateAt = SNAPSHOT_HEAD + heard.size * HEARD_BYTES
  const bytes = new Uint8Array(stateAt + state.length)
  const view = begin(bytes, SNAPSHOT)
  view.setUint32(2, tick)
  view.setUint8(6, heard.size)
  let at = SNAPSHOT_HEAD
  for (const [player, { seq, early, missed }] of heard) {
    view.setUint8(at, player)
    view.setUint32(at + 1, seq)
    view.setInt8(at + 5, Math.max(-128, Math.min(127, early)))
    view.setUint8(at + 6, Math.min(255, missed))
    at += HEARD_BYTES
  }
  bytes.set(state, stateAt)
  return bytes
}

export const decodeSnapshot = (bytes: unknown): Snapshot<Uint8Array> | undefined => {
  if (!isKind(bytes, SNAPSHOT, SNAPSHOT_HEAD)) return undefined
  const view = viewOf(bytes)
  const stateAt = SNAPSHOT_HEAD + view.getUint8(6) * HEARD_BYTES
  if (bytes.length < stateAt) return undefined
  const heard = new Map<number, Heard>()
  for (let at = SNAPSHOT_HEAD; at < stateAt; at += HEARD_BYTES)
    heard.set(view.getUint8(at), {
      seq: view.getUint32(at + 1),
      early: view.getInt8(at + 5),
      missed: view.getUint8(at + 6),
    })
  return { tick: view.getUint32(2), heard, state: bytes.subarray(stateAt) }
}

const begin = (bytes: Uint8Array, kind: number): DataView => {
  bytes[0] = VERSION
  bytes[1] = kind
  return viewOf(bytes)
}

const isKind = (bytes: unknown, kind: number, atLeast: number): bytes is Uint8Array =>
  bytes instanceof Uint8Array && bytes.length >= atLeast && bytes[0] === VERSION && bytes[1] === kind

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)
