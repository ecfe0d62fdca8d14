/** The smallest game there is: sleds on a line, that are pushed one way or the other. */
import type { Game } from 'holdfast/netcode'
import { Referee } from 'holdfast/netcode'

export interface Sled {
  readonly x: number
  /** Units per tick. */
  readonly v: number
}

export type Sleds = Readonly<Record<number, Sled>>

export const TICK_MS = 50
/** Units per tick. */
export const TOP_SPEED = 19
export const FULL = 100

export const game: Game<Sleds, Sled, number> = {
  tickMs: TICK_MS,
  states: {
    encode: (sleds) => new TextEncoder().encode(JSON.stringify(sleds)),
    decode: (bytes) => {
      const text = new TextDecoder().decode(bytes)
      return text.startsWith('{') ? (JSON.parse(text) as Sleds) : undefined
    },
  },
  commands: {
    encode: (push) => Uint8Array.of(push),
    decode: (bytes) => {
      const [push = 0] = new Int8Array(bytes)
      return bytes.length === 1 && Math.abs(push) <= FULL ? push : undefined
    },
  },
  still: 0,
  bodyOf: (sleds, player) => sleds[player],
  step: ({ x, v }, push) => {
    const faster = v + ((push / FULL) * TOP_SPEED - v) * 0.3
    return { x: x + faster, v: faster }
  },
  axes: ['x'],
  leap: 260,
}

/** The server's half of it. */
export class Track {
  readonly referee = new Referee(game)
  readonly sleds: Record<number, Sled> = {}
  readonly away = new Set<number>()

  enter(member: string, player: number): void {
    this.referee.admit(member, player)
    this.sleds[player] = { x: 0, v: 0 }
  }

  advance(): Uint8Array {
    this.away.clear()
    for (const [player, { command, away }] of this.referee.advance()) {
      this.sleds[player] = game.step(this.sleds[player] as Sled, command)
      if (away) this.away.add(player)
    }
    return this.referee.snapshot(this.sleds)
  }
}
