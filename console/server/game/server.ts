/** The console's game: as many of the example's arenas as the addresses of its pages name, for as long as they are used. */
import { everyTick } from 'holdfast/netcode'
import type { HoldfastServer } from 'holdfast/server'
import { open } from '../../../examples/game/server.ts'
import { TICK_MS } from '../../../examples/game/simulation.ts'

export { rules } from '../../../examples/game/server.ts'

const MAX_ARENAS = 100
/** An arena whose people are gone is forgotten. */
const EMPTY_TICKS = 100

type Kept = ReturnType<typeof open> & { emptyTicks: number }

export const start = (server: HoldfastServer): (() => void) => {
  const arenas = new Map<string, Kept>()
  let stopTicking: (() => void) | undefined
  const close = (name: string, kept: Kept): void => {
    kept.close()
    arenas.delete(name)
    if (arenas.size > 0) return
    stopTicking?.()
    stopTicking = undefined
  }
  const tick = (): void => {
    for (const [name, kept] of arenas) {
      kept.advance()
      kept.emptyTicks = kept.arena.people.size === 0 ? kept.emptyTicks + 1 : 0
      if (kept.emptyTicks > EMPTY_TICKS) close(name, kept)
    }
  }
  // The first hand that is held out opens an arena.
  const stopReceiving = server.receive('game/*/input', ({ channel, data }, author) => {
    const name = /^game\/([a-z0-9-]{1,32})\/input$/.exec(channel)?.[1]
    if (name === undefined) return
    let kept = arenas.get(name)
    if (kept === undefined) {
      if (arenas.size >= MAX_ARENAS) return
      kept = { ...open(server, name), emptyTicks: 0 }
      arenas.set(name, kept)
      stopTicking ??= everyTick(TICK_MS, tick)
    }
    kept.arena.referee.hear(author, data)
  })
  return () => {
    stopReceiving()
    for (const [name, kept] of arenas) close(name, kept)
  }
}
