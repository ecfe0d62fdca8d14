/**
 * The server's half of the game: it owns the truth. Clients say only what their hands do; twenty times a second each
 * arena that somebody looks at goes one tick on, and its whole state is published as bytes.
 */
import { type ChannelRule, type HoldfastServer, type OwnSubscription, presenceChannel } from 'holdfast/server'
import { Arena } from './arena.ts'
import { TICK_MS } from './simulation.ts'

/** A poller draws smoothly from all that was published since its last poll; what is older than this helps nobody. */
const STATE_RETENTION = { count: 40, ageMs: 2_500 }

export const rules: readonly ChannelRule[] = [
  {
    pattern: 'game/*/state',
    contentType: 'bytes',
    ephemeral: true,
    retention: STATE_RETENTION,
    publish: false,
    presence: false,
  },
  {
    pattern: 'game/*/roster',
    ephemeral: true,
    conflated: true,
    maxKeys: 64,
    publish: false,
    presence: false,
  },
  {
    pattern: 'game/*/input',
    contentType: 'bytes',
    ephemeral: true,
    retention: { count: 1 },
    presence: false,
  },
  // Whoever is in an arena is a member of this one; nothing is published in it.
  { pattern: 'game/*', ephemeral: true, publish: false },
]

const MAX_ARENAS = 100
/** An arena whose people are gone is forgotten. */
const EMPTY_TICKS = 100
/** What could not be simulated in time is left out beyond this many ticks: the game slows down, it does not leap. */
const CATCH_UP_TICKS = 3

interface Running {
  readonly name: string
  readonly arena: Arena
  readonly members: OwnSubscription
  emptyTicks: number
}

export const start = (server: HoldfastServer): (() => void) => {
  const arenas = new Map<string, Running>()
  const stopTicking = everyTick(() => {
    for (const running of arenas.values()) {
      if (running.arena.people === 0) {
        if (++running.emptyTicks > EMPTY_TICKS) close(running)
        continue
      }
      running.emptyTicks = 0
      if (server.isFollowed(`game/${running.name}/state`)) advance(server, running)
    }
    return arenas.size > 0
  })
  const close = (running: Running): void => {
    running.members.close()
    arenas.delete(running.name)
  }
  // The first hand that is held out opens an arena.
  const stopReceiving = server.receive('game/*/input', ({ channel, data }, author) => {
    const name = /^game\/([a-z0-9-]{1,32})\/input$/.exec(channel)?.[1]
    if (name === undefined) return
    let running = arenas.get(name)
    if (running === undefined) {
      if (arenas.size >= MAX_ARENAS) return
      running = open(server, name)
      arenas.set(name, running)
      stopTicking.wake()
    }
    running.arena.steer(author, data)
  })
  return () => {
    stopReceiving()
    stopTicking()
    for (const running of arenas.values()) close(running)
  }
}

const open = (server: HoldfastServer, name: string): Running => {
  const arena = new Arena(Math.floor(Math.random() * 2 ** 32), (id, entrant) => {
    server.publish(`game/${name}/roster`, entrant ?? null, { key: String(id) }).catch(() => undefined)
  })
  const members = server.subscribe(
    presenceChannel(`game/${name}`),
    { from: 'start', conflate: true },
    ({ key, data, removed }) => {
      if (key === undefined) return
      if (removed) arena.leave(key)
      else arena.enter(key, data)
    },
  )
  return { name, arena, members, emptyTicks: 0 }
}

const advance = (server: HoldfastServer, { name, arena }: Running): void => {
  // A node that is closing takes nothing more; there is nobody left to tell.
  server.publish(`game/${name}/state`, arena.advance()).catch(() => undefined)
}

/**
 * Runs `act` once per tick for as long as it wants to; `wake` begins again. Ticks keep to the clock: one that comes
 * late is followed by the next at its own time.
 */
const everyTick = (act: () => boolean): (() => void) & { wake(): void } => {
  let timer: NodeJS.Timeout | undefined
  let dueMs = 0
  const run = (): void => {
    const nowMs = performance.now()
    dueMs = Math.max(dueMs, nowMs - CATCH_UP_TICKS * TICK_MS)
    let goesOn = true
    for (; goesOn && dueMs <= nowMs; dueMs += TICK_MS) goesOn = act()
    timer = goesOn ? setTimeout(run, Math.max(0, dueMs - performance.now())) : undefined
  }
  const wake = (): void => {
    if (timer !== undefined) return
    dueMs = performance.now() + TICK_MS
    timer = setTimeout(run, TICK_MS)
  }
  return Object.assign(() => clearTimeout(timer), { wake })
}
