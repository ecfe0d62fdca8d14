/**
 * A node killed with -9 at random moments while clients publish to it, as often as is asked for; then everything
 * that was acknowledged is looked for in the file itself, and in what a follower was given.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { readAll, withBroker } from '../on-disk.ts'
import { type Entry, Follower } from './followers.ts'
import { KilledNode } from './killed-node.ts'
import { CHANNELS, isAcknowledged, Publishers, type Sent } from './publishers.ts'

const PUBLISHERS = 6
/** A node lives at most this long once it listens. */
const LIFE_MS = 400
/** One in so many is killed while it comes up, at any moment of that. */
const EARLY = 5
const EARLY_MS = 1_000

export interface CrashReport {
  readonly kills: number
  /** Publications in the logs at the end. */
  readonly publications: number
  readonly acknowledged: number
  /** Acknowledged, and not where it was said to be. */
  readonly lost: number
  /** There more than once. */
  readonly doubled: number
  /** Of one publisher, and not in the order in which it published. */
  readonly outOfOrder: number
  readonly inDoubt: number
  /** Of those in doubt: in the log after all, which is allowed; and there more than once, which is not. */
  readonly inDoubtStored: number
  readonly inDoubtDoubled: number
  readonly refused: number
  /** What the follower was given: gaps, and publications that differ from the log's. */
  readonly gaps: number
  readonly misdelivered: number
  readonly seconds: number
}

export interface CrashOptions {
  readonly kills: number
  readonly progress?: (kills: number, acknowledged: number) => void
}

/** @throws when a node does not come up again */
export const crash = async ({ kills, progress }: CrashOptions): Promise<CrashReport> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
  const node = new KilledNode(directory)
  const begun = performance.now()
  try {
    await node.start().listening
    const publishers = new Publishers(node.url, PUBLISHERS)
    const follower = new Follower(node.url)
    publishers.start()
    await publishers.known
    for (let kill = 0; kill < kills; kill++) {
      await pass(Math.random() * LIFE_MS)
      await node.stop('SIGKILL')
      if (kill % EARLY === EARLY - 1 && kill + 1 < kills) {
        kill++
        node.start()
        await pass(Math.random() * EARLY_MS)
        await node.stop('SIGKILL')
      }
      await node.start().listening
      progress?.(kill + 1, publishers.acknowledged)
    }
    await publishers.stop()
    // A log may hold more than was acknowledged, when an answer was lost and could not be asked for again.
    const tops = await Promise.all(
      CHANNELS.map(async (channel) => [channel, await topOf(node.url, channel)] as const),
    )
    await follower.caughtUp(new Map(tops))
    follower.close()
    await node.stop('SIGTERM')
    const logs = await withBroker(directory, async (broker) => {
      const read = CHANNELS.map(
        async (channel) => [channel, (await readAll(broker, channel)) as Entry[]] as const,
      )
      return new Map(await Promise.all(read))
    })
    const seconds = (performance.now() - begun) / 1_000
    return { kills, seconds, ...audit(publishers.sent, logs), ...auditFollower(follower, logs) }
  } finally {
    await node.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

const topOf = async (url: string, channel: string): Promise<number> => {
  const commands = [{ type: 'history', id: 1, channel, limit: 1 }]
  const body = JSON.stringify({ commands })
  const response = await fetch(`${url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const { replies } = (await response.json()) as { replies: { ok?: { top: number } }[] }
  const top = replies[0]?.ok?.top
  assert.ok(top !== undefined, JSON.stringify(replies))
  return top
}

type Logs = ReadonlyMap<string, readonly Entry[]>

const nameOf = ({ publisher, n }: Entry): string => `${publisher} ${n}`

const audit = (sent: readonly Sent[], logs: Logs) => {
  const places = new Map<string, number[]>()
  let outOfOrder = 0
  for (const [channel, log] of logs) {
    const latest = new Map<number, number>()
    for (const [index, entry] of log.entries()) {
      const name = `${channel} ${nameOf(entry)}`
      places.set(name, [...(places.get(name) ?? []), index + 1])
      if (entry.n <= (latest.get(entry.publisher) ?? -1)) outOfOrder++
      latest.set(entry.publisher, entry.n)
    }
  }
  let lost = 0
  for (const each of sent) {
    if (!isAcknowledged(each.outcome)) continue
    const found = places.get(`${each.channel} ${nameOf(each)}`)
    const offset = Number(each.outcome.cursor?.split('_')[1] ?? found?.[0])
    if (found?.includes(offset) !== true) lost++
  }
  const timesStored = (each: Sent): number => places.get(`${each.channel} ${nameOf(each)}`)?.length ?? 0
  const inDoubt = sent.filter(({ outcome }) => outcome === 'in doubt' || outcome === 'unanswered')
  const count = (holds: (outcome: Sent['outcome']) => boolean): number =>
    sent.filter(({ outcome }) => holds(outcome)).length
  return {
    publications: [...logs.values()].reduce((sum, log) => sum + log.length, 0),
    acknowledged: count(isAcknowledged),
    lost,
    doubled: [...places.values()].filter(({ length }) => length > 1).length,
    outOfOrder,
    inDoubt: inDoubt.length,
    inDoubtStored: inDoubt.filter((each) => timesStored(each) === 1).length,
    inDoubtDoubled: inDoubt.filter((each) => timesStored(each) > 1).length,
    refused: count((outcome) => typeof outcome === 'object' && 'refused' in outcome),
  }
}

const auditFollower = (follower: Follower, logs: Logs) => {
  let misdelivered = 0
  for (const [channel, log] of logs) {
    const given = follower.logs.get(channel) ?? []
    misdelivered += Math.abs(given.length - log.length)
    for (const [index, entry] of given.entries()) {
      const there = log[index]
      if (there === undefined || nameOf(there) !== nameOf(entry)) misdelivered++
    }
  }
  return { gaps: follower.gaps, misdelivered }
}
