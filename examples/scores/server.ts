/**
 * The node's half of the scores. Matches follow from their fixtures and the clock, so nothing runs while nobody looks:
 * when somebody comes, what has happened since is appended, each event with the time at which it happened. An event's
 * place in its log is its sequence, so that saying it again, after a restart or from a second node, appends nothing.
 */
import { type ChannelRule, type HoldfastServer, ProtocolError } from 'holdfast/server'
import { fixturesOf, kickOffMs, roundAt } from './league.ts'
import { minuteAt, playMatch } from './match.ts'
import { BOARD, isNews, type MatchEvent, NEWS, timelineOf } from './match-event.ts'

const DAY_MS = 86_400_000
const LOOK_MS = 250
/** How far back matches are told of that nobody saw: a season. What is further back stays untold. */
const ROUNDS_BACK = 13

export const rules: readonly ChannelRule[] = [
  { pattern: BOARD, conflated: true, publish: false, presence: false },
  // A day of rounds; what is older is a gap, and told as one.
  { pattern: NEWS, retention: { count: 10_000, ageMs: DAY_MS }, publish: false, presence: false },
  { pattern: 'scores/*', expiry: { kind: 'idle', afterMs: DAY_MS }, publish: false, presence: false },
]

/** @param now milliseconds since 1970. */
export const start = (server: HoldfastServer, { now = () => Date.now() } = {}): (() => void) => {
  /** Everything up to this moment is in the logs. */
  let toldMs = -Infinity
  let telling: Promise<void> | undefined
  let board = ''

  /** Appends what has happened since it was asked last. Whoever asks meanwhile waits for the same. */
  const tell = (): Promise<void> => {
    telling ??= tellUntil(now())
      .catch((error: unknown) => console.error('scores:', error))
      .finally(() => (telling = undefined))
    return telling
  }
  const tellUntil = async (nowMs: number): Promise<void> => {
    await appendBetween(server, Math.max(toldMs, kickOffMs(roundAt(nowMs) - ROUNDS_BACK) - 1), nowMs)
    toldMs = nowMs
    const entries = boardAt(nowMs)
    if (board !== JSON.stringify(entries)) await server.publishAll(BOARD, entries)
    board = JSON.stringify(entries)
  }

  server.handle('scores.now', async () => {
    await tell()
    return { nowMs: now() }
  })
  const timer = setInterval(() => server.isFollowed(BOARD) && void tell(), LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

const appendBetween = async (server: HoldfastServer, sinceMs: number, untilMs: number): Promise<void> => {
  const appended: Promise<unknown>[] = []
  const append = (channel: string, event: MatchEvent, sequence: string): void => {
    appended.push(server.publish(channel, event, { sequence }).catch(unlessItIsThere))
  }
  for (let round = roundAt(sinceMs); round <= roundAt(untilMs); round++) {
    const happened = fixturesOf(round)
      .flatMap((fixture) => playMatch(fixture).map((event, index) => ({ event, index: pad(index) })))
      .filter(({ event: { atMs } }) => atMs > sinceMs && atMs <= untilMs)
      .sort((a, b) => a.event.atMs - b.event.atMs || a.event.place - b.event.place)
    // Handed over in the order of time; a broker appends in the order in which it is asked.
    for (const { event, index } of happened) {
      // The timelines of matches that are long over are shown nowhere.
      if (round >= roundAt(untilMs) - 1) append(timelineOf(event), event, index)
      if (isNews(event)) append(NEWS, event, `${pad(event.atMs)}-${event.place}-${index}`)
    }
  }
  await Promise.all(appended)
}

const unlessItIsThere = (error: unknown): void => {
  if (!(error instanceof ProtocolError) || error.code !== 'sequence_behind') throw error
}

/** Sequences are compared as text. */
const pad = (number: number): string => String(number).padStart(14, '0')

/** Of each match the latest event, with the minute that is played now. */
const boardAt = (nowMs: number): { readonly key: string; readonly data: MatchEvent }[] =>
  fixturesOf(roundAt(nowMs)).map((fixture) => {
    const latest = playMatch(fixture).findLast(({ atMs }) => atMs <= nowMs) as MatchEvent
    const minute = minuteAt(nowMs - kickOffMs(fixture.round))
    return { key: `match-${fixture.place + 1}`, data: { ...latest, minute } }
  })
