/**
 * What travels, as bytes; big-endian, version 1. Decoding checks every bound and returns undefined for anything that
 * this file could not have written. Units: positions and speeds in sixteenths (`STEPS`).
 *
 *   input, 12 bytes   version u8 = 1 | kind u8 = 2 | seq u32 | tick u32 | dx i8 | dy i8
 *
 *   state             version u8 = 1 | kind u8 = 1 | tick u32 | round u16 | winner u8 (255: none)
 *   16 bytes           | crown's wearer u8 (255: nobody) | crown x u16 | crown y u16 | ships u8 | dots u8
 *   then each ship    id u8 | flags u8 (1 bot, 2 away) | x u16 | y u16 | vx i16 | vy i16 | score u16
 *   18 bytes           | seq u32 (the last input that was applied) | early i8 | missed u8
 *   then each dot     x u16 | y u16
 *
 * A state is whole: whoever has one needs none of those before it.
 */
import { ARENA, FULL, type Motion, type Place, STEPS, type Steering } from './simulation.ts'

const VERSION = 1
const STATE = 1
const INPUT = 2
const NOBODY = 255
const INPUT_BYTES = 12
const HEAD_BYTES = 16
const SHIP_BYTES = 18
const DOT_BYTES = 4
const MAX_SHIPS = 32
const MAX_DOTS = 64
const BOT = 1
const AWAY = 2

/** What a player's hand does from a tick on. */
export interface Input {
  /** 1, 2, 3 … for each player. */
  readonly seq: number
  /** The tick in which its sender has already seen it happen. */
  readonly tick: number
  readonly steering: Steering
}

export interface ShipState {
  readonly id: number
  readonly bot: boolean
  readonly away: boolean
  readonly motion: Motion
  readonly score: number
  /** The last of its player's inputs that had been applied. */
  readonly seq: number
  /** How many ticks before it was due that input came; below zero it came too late. */
  readonly early: number
  /** Inputs of the player that never came, up to 255. */
  readonly missed: number
}

export interface State {
  readonly tick: number
  readonly round: number
  readonly winner: number | undefined
  readonly crown: { readonly holder: number | undefined; readonly at: Place }
  readonly ships: readonly ShipState[]
  readonly dots: readonly Place[]
}

export const encodeInput = ({ seq, tick, steering }: Input): Uint8Array => {
  const view = new DataView(new ArrayBuffer(INPUT_BYTES))
  view.setUint8(0, VERSION)
  view.setUint8(1, INPUT)
  view.setUint32(2, seq)
  view.setUint32(6, tick)
  view.setInt8(10, steering.dx)
  view.setInt8(11, steering.dy)
  return new Uint8Array(view.buffer)
}

export const decodeInput = (bytes: unknown): Input | undefined => {
  const view = viewOf(bytes, INPUT, INPUT_BYTES)
  if (view === undefined || view.byteLength !== INPUT_BYTES) return undefined
  const steering = { dx: view.getInt8(10), dy: view.getInt8(11) }
  if (Math.hypot(steering.dx, steering.dy) > FULL) return undefined
  return { seq: view.getUint32(2), tick: view.getUint32(6), steering }
}

export const encodeState = ({ tick, round, winner, crown, ships, dots }: State): Uint8Array => {
  const length = HEAD_BYTES + ships.length * SHIP_BYTES + dots.length * DOT_BYTES
  const view = new DataView(new ArrayBuffer(length))
  view.setUint8(0, VERSION)
  view.setUint8(1, STATE)
  view.setUint32(2, tick)
  view.setUint16(6, round)
  view.setUint8(8, winner ?? NOBODY)
  view.setUint8(9, crown.holder ?? NOBODY)
  setPlace(view, 10, crown.at)
  view.setUint8(14, ships.length)
  view.setUint8(15, dots.length)
  ships.forEach((ship, index) => setShip(view, HEAD_BYTES + index * SHIP_BYTES, ship))
  const dotsAt = HEAD_BYTES + ships.length * SHIP_BYTES
  dots.forEach((dot, index) => setPlace(view, dotsAt + index * DOT_BYTES, dot))
  return new Uint8Array(view.buffer)
}

export const decodeState = (bytes: unknown): State | undefined => {
  const view = viewOf(bytes, STATE, HEAD_BYTES)
  if (view === undefined) return undefined
  const shipCount = view.getUint8(14)
  const dotCount = view.getUint8(15)
  const dotsAt = HEAD_BYTES + shipCount * SHIP_BYTES
  if (shipCount > MAX_SHIPS || dotCount > MAX_DOTS || view.byteLength !== dotsAt + dotCount * DOT_BYTES)
    return undefined
  const state: State = {
    tick: view.getUint32(2),
    round: view.getUint16(6),
    winner: idOf(view.getUint8(8)),
    crown: { holder: idOf(view.getUint8(9)), at: placeOf(view, 10) },
    ships: Array.from({ length: shipCount }, (_, index) => shipOf(view, HEAD_BYTES + index * SHIP_BYTES)),
    dots: Array.from({ length: dotCount }, (_, index) => placeOf(view, dotsAt + index * DOT_BYTES)),
  }
  const places = [state.crown.at, ...state.dots, ...state.ships.map(({ motion }) => motion)]
  return places.every(({ x, y }) => x <= ARENA.width && y <= ARENA.height) ? state : undefined
}

const setShip = (view: DataView, at: number, ship: ShipState): void => {
  view.setUint8(at, ship.id)
  view.setUint8(at + 1, (ship.bot ? BOT : 0) | (ship.away ? AWAY : 0))
  setPlace(view, at + 2, ship.motion)
  view.setInt16(at + 6, ship.motion.vx * STEPS)
  view.setInt16(at + 8, ship.motion.vy * STEPS)
  view.setUint16(at + 10, ship.score)
  view.setUint32(at + 12, ship.seq)
  view.setInt8(at + 16, Math.max(-128, Math.min(127, ship.early)))
  view.setUint8(at + 17, Math.min(255, ship.missed))
}

const shipOf = (view: DataView, at: number): ShipState => {
  const flags = view.getUint8(at + 1)
  return {
    id: view.getUint8(at),
    bot: (flags & BOT) !== 0,
    away: (flags & AWAY) !== 0,
    motion: {
      ...placeOf(view, at + 2),
      vx: view.getInt16(at + 6) / STEPS,
      vy: view.getInt16(at + 8) / STEPS,
    },
    score: view.getUint16(at + 10),
    seq: view.getUint32(at + 12),
    early: view.getInt8(at + 16),
    missed: view.getUint8(at + 17),
  }
}

const setPlace = (view: DataView, at: number, { x, y }: Place): void => {
  view.setUint16(at, x * STEPS)
  view.setUint16(at + 2, y * STEPS)
}

const placeOf = (view: DataView, at: number): Place => ({
  x: view.getUint16(at) / STEPS,
  y: view.getUint16(at + 2) / STEPS,
})

const idOf = (id: number): number | undefined => (id === NOBODY ? undefined : id)

/** A view of bytes of this version and kind, at least as long as said. */
const viewOf = (bytes: unknown, kind: number, length: number): DataView | undefined => {
  if (!(bytes instanceof Uint8Array) || bytes.length < length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint8(0) === VERSION && view.getUint8(1) === kind ? view : undefined
}
