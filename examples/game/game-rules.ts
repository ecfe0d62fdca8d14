/**
 * What the two halves of the game agree on: how a ship goes on, and the bytes. Places and speeds in sixteenths.
 *
 *   steering   dx i8 | dy i8
 *   state      i16, big-endian: winner (−1: nobody) | ships
 *              then each ship  id | flags (1 bot, 2 away) | x | y | vx | vy | score
 *              then each dot   x | y
 */
import type { Game } from 'holdfast/netcode'
import { ARENA, DOTS, FULL, type Motion, move, type Place } from './simulation.ts'
import { type Ship, type State, type Steering, STEPS, STILL, TICK_MS } from './simulation.ts'

const NOBODY = -1
const BOT = 1
const AWAY = 2
const HEAD = 2
const SHIP = 7

const encodeState = ({ winner, ships, dots }: State): Uint8Array => {
  const numbers = [winner ?? NOBODY, ships.length]
  for (const { id, bot, away, motion, score } of ships) {
    const steps = [motion.x, motion.y, motion.vx, motion.vy].map((value) => value * STEPS)
    numbers.push(id, (bot ? BOT : 0) | (away ? AWAY : 0), ...steps, score)
  }
  for (const { x, y } of dots) numbers.push(x * STEPS, y * STEPS)
  const view = new DataView(new ArrayBuffer(2 * numbers.length))
  numbers.forEach((number, index) => view.setInt16(2 * index, number))
  return new Uint8Array(view.buffer)
}

const decodeState = (bytes: Uint8Array): State | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const count = bytes.length < 2 * HEAD ? -1 : view.getInt16(2)
  if (count < 0 || bytes.length !== 2 * (HEAD + count * SHIP + DOTS * 2)) return undefined
  const number = (index: number): number => view.getInt16(2 * index)
  const place = (index: number): Place => ({ x: number(index) / STEPS, y: number(index + 1) / STEPS })
  const ship = (at: number): Ship => {
    const flags = number(at + 1)
    const { x: vx, y: vy } = place(at + 4)
    const motion = { ...place(at + 2), vx, vy }
    return { id: number(at), bot: (flags & BOT) > 0, away: (flags & AWAY) > 0, motion, score: number(at + 6) }
  }
  const ships = Array.from({ length: count }, (_, index) => ship(HEAD + index * SHIP))
  const dots = Array.from({ length: DOTS }, (_, index) => place(HEAD + count * SHIP + 2 * index))
  const isInside = ({ x, y }: Place): boolean => x >= 0 && y >= 0 && x <= ARENA.width && y <= ARENA.height
  if (![...dots, ...ships.map(({ motion }) => motion)].every(isInside)) return undefined
  return { winner: number(0) === NOBODY ? undefined : number(0), ships, dots }
}

const decodeSteering = (bytes: Uint8Array): Steering | undefined => {
  const [dx = 0, dy = 0] = new Int8Array(bytes)
  return bytes.length === 2 && Math.hypot(dx, dy) <= FULL ? { dx, dy } : undefined
}

export const game: Game<State, Motion, Steering> = {
  tickMs: TICK_MS,
  states: { encode: encodeState, decode: decodeState },
  commands: { encode: ({ dx, dy }) => Uint8Array.of(dx, dy), decode: decodeSteering },
  still: STILL,
  bodyOf: ({ ships }, player) => ships.find(({ id }) => id === player)?.motion,
  step: move,
  axes: ['x', 'y'],
  leap: 260,
}
