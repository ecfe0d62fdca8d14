/**
 * The node's half of the scores. Matches follow from their fixtures and the clock, so nothing runs while nobody looks:
 * when somebody comes, what has happened since is appended, each event with the time at which it happened. An event's
 * place in its log is its sequence, so that saying it again, after a restart or from a second node, appends nothing.
 */
import { type ChannelRule, type HoldfastServer, ProtocolError } from 'holdfast/server'
import { type Fixture, fixturesOf, kickOffMs, matchdayOf, roundAt } from './league.ts'
import { type MatchEvent, playMatch } from './match.ts'
import { newsOf } from './news.ts'
import { type MatchState, resultsBefore, stateAt, tableOf } from './standings.ts'

const DAY_MS = 86_400_000

export const rules: readonly ChannelRule[] = [
  { pattern: 'scores/board', conflated: true, publish: false, presence: false },
  // A day and a half of rounds; what is older is a gap, and told as one.
  { pattern: 'scores/news', retention: { count: 10_000, ageMs: DAY_MS }, publish: false, presence: false },
  { pattern: 'scores/*', expiry: { kind: 'idle', afterMs: DAY_MS }, publish: false, presence: false },
]

const BOARD = 'scores/board'
const NEWS = 'scores/news'
const LOOK_MS = 250
/** How far back matches are told of that nobody saw. What is further back is said to be unplayed. */
const ROUNDS_BACK = 12

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

export const start = (server: HoldfastServer, clock: Clock = { now: () => Date.now() }): (() => void) => {
  const stadium = new Stadium(server, clock)
  server.handle('scores.now', async () => {
    await stadium.tell()
    return { nowMs: clock.now() }
  })
  const timer = setInterval(() => {
    if (server.isFollowed(BOARD)) void stadium.tell()
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

interface Told {
  readonly fixture: Fixture
  readonly event: MatchEvent
  readonly index: number
}

class Stadium {
  readonly #server: HoldfastServer
  readonly #clock: Clock
  readonly #board = new Map<string, string>()
  /** Everything up to this moment is in the logs, milliseconds since 1970. */
  #toldMs: number | undefined
  #telling: Promise<void> | undefined

  constructor(server: HoldfastServer, clock: Clock) {
    this.#server = server
    this.#clock = clock
  }

  /** Appends what has happened since it was asked last. Whoever asks meanwhile waits for the same. */
  tell(): Promise<void> {
    this.#telling ??= this.#tell()
      .catch((error: unknown) => console.error('scores:', error))
      .finally(() => (this.#telling = undefined))
    return this.#telling
  }

  async #tell(): Promise<void> {
    const nowMs = this.#clock.now()
    const round = roundAt(nowMs)
    const sinceMs = Math.max(this.#toldMs ?? -Infinity, kickOffMs(round - ROUNDS_BACK) - 1)
    const happened: Told[] = []
    for (let each = roundAt(sinceMs); each <= round; each++) happened.push(...eventsOf(each, sinceMs, nowMs))
    // Handed over in the order of time; a broker appends in the order in which it is asked.
    await Promise.all(happened.flatMap((told) => this.#append(told, round)))
    this.#toldMs = nowMs
    await this.#tellBoard(round, nowMs)
  }

  #append({ fixture, event, index }: Told, round: number): Promise<void>[] {
    const appended: Promise<void>[] = []
    const order = String(index).padStart(4, '0')
    // The timelines of matches that are long over are shown nowhere.
    if (fixture.round >= round - 1) {
      const atMs = fixture.kickOffMs + event.afterMs
      appended.push(this.#once(`scores/${fixture.id}`, { ...event, atMs }, order))
    }
    const news = newsOf(fixture, event)
    const moment = `${String(news?.atMs).padStart(14, '0')}-${fixture.place}-${order}`
    if (news !== undefined) appended.push(this.#once(NEWS, news, moment))
    return appended
  }

  async #once(channel: string, data: unknown, sequence: string): Promise<void> {
    try {
      await this.#server.publish(channel, data, { sequence })
    } catch (error) {
      // It is there already.
      if (!(error instanceof ProtocolError) || error.code !== 'sequence_behind') throw error
    }
  }

  async #tellBoard(round: number, nowMs: number): Promise<void> {
    const matches = fixturesOf(round).map((fixture) => stateAt(fixture, matchOf(fixture), nowMs))
    const entries = matches.map((match): [string, unknown] => [`match-${match.place + 1}`, match])
    entries.push(['league', this.#league(round, matches)])
    const changed = entries.filter(([key, data]) => this.#board.get(key) !== JSON.stringify(data))
    if (changed.length === 0) return
    for (const [key, data] of changed) this.#board.set(key, JSON.stringify(data))
    await this.#server.publishAll(
      BOARD,
      changed.map(([key, data]) => ({ key, data })),
    )
  }

  #league(round: number, matches: readonly MatchState[]): unknown {
    return {
      matchday: matchdayOf(round),
      nextKickOffMs: kickOffMs(round + 1),
      table: tableOf([...seasonSoFar(round), ...matches]),
    }
  }
}

const eventsOf = (round: number, sinceMs: number, nowMs: number): Told[] =>
  fixturesOf(round)
    .flatMap((fixture) => matchOf(fixture).map((event, index) => ({ fixture, event, index })))
    .filter(({ fixture, event }) => {
      const atMs = fixture.kickOffMs + event.afterMs
      return atMs > sinceMs && atMs <= nowMs
    })
    .sort(
      (a, b) => a.event.afterMs - b.event.afterMs || a.fixture.place - b.fixture.place || a.index - b.index,
    )

/** Played once, not once in every step: the matches of the last few rounds. */
const played = new Map<string, readonly MatchEvent[]>()
const matchOf = (fixture: Fixture): readonly MatchEvent[] => {
  const known = played.get(fixture.id)
  if (known !== undefined) return known
  const events = playMatch(fixture)
  if (played.size >= 64) played.delete(played.keys().next().value as string)
  played.set(fixture.id, events)
  return events
}

let season: { readonly round: number; readonly results: MatchState[] } | undefined
const seasonSoFar = (round: number): MatchState[] => {
  if (season?.round !== round) season = { round, results: resultsBefore(round) }
  return season.results
}
