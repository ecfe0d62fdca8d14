/**
 * The server's half of the game: it owns the truth. Clients say only what their hands do; twenty times a second an
 * arena that somebody looks at goes one tick on, and its whole state is published as bytes.
 */
import { everyTick } from 'holdfast/netcode'
import { type ChannelRule, type HoldfastServer, presenceChannel } from 'holdfast/server'
import { Arena } from './arena.ts'
import { TICK_MS } from './simulation.ts'

/** A poller draws smoothly from all that was published since its last poll; what is older than this helps nobody. */
const STATE_RETENTION = { count: 40, ageMs: 2_500 }
const BYTES = { contentType: 'bytes', ephemeral: true, presence: false } as const
const ROSTER = { ephemeral: true, conflated: true, maxKeys: 64, publish: false, presence: false }

export const rules: readonly ChannelRule[] = [
  { pattern: 'game/*/state', ...BYTES, retention: STATE_RETENTION, publish: false },
  { pattern: 'game/*/roster', ...ROSTER },
  { pattern: 'game/*/input', ...BYTES, retention: { count: 1 } },
  // Whoever is in an arena is a member of this one; nothing is published in it.
  { pattern: 'game/*', ephemeral: true, publish: false },
]

/** One arena, with the hands of its own channel. */
export const start = (server: HoldfastServer): (() => void) => {
  const { arena, advance, close } = open(server, 'harbour')
  const ends = [
    server.receive('game/harbour/input', ({ data }, author) => arena.referee.hear(author, data)),
    everyTick(TICK_MS, advance),
    close,
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** An arena whose people come and go by presence. `advance` goes one tick on, if there is anybody to tell. */
export const open = (server: HoldfastServer, name: string) => {
  // A node that is closing takes nothing more; there is nobody left to tell.
  const tell = (channel: string, data: unknown, options?: { key: string }): void => {
    server.publish(`game/${name}/${channel}`, data, options).catch(() => undefined)
  }
  const arena = new Arena((id, entrant) => tell('roster', entrant ?? null, { key: String(id) }))
  const members = server.subscribe(
    presenceChannel(`game/${name}`),
    { from: 'start', conflate: true },
    ({ key, data, removed }) => {
      if (key === undefined) return
      if (removed) arena.leave(key)
      else arena.enter(key, data)
    },
  )
  const advance = (): void => {
    if (arena.people.size > 0 && server.isFollowed(`game/${name}/state`)) tell('state', arena.advance())
  }
  return { arena, advance, close: () => members.close() }
}
