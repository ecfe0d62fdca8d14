/**
 * What happened while one was away: the news is followed from the cursor at which this browser left off, and what
 * happened before now is what was missed. What the log cannot say any more is told as a gap.
 */
import { useEffect, useState } from 'react'
import type { Client, GapNotice } from 'holdfast'
import { useClient, useConnection } from 'holdfast/react'
import { decodeEvent, type MatchEvent, NEWS } from './match-event.ts'

const KEY = 'holdfast.scores.cursor'

/** The node's time, once it has told everything that happened until then. */
export const askNow = async (client: Client): Promise<number> => {
  const { nowMs } = ((await client.call('scores.now')) ?? {}) as Record<string, unknown>
  if (typeof nowMs !== 'number') throw new TypeError('scores.now answered without a time')
  return nowMs
}

export const useAway = () => {
  const client = useClient()
  const connected = useConnection(({ status }) => status === 'connected')
  const [from] = useState(recall)
  /** When this visit began, by the node's time. */
  const [untilMs, setUntilMs] = useState<number>()
  /** Oldest first. */
  const [missed, setMissed] = useState<readonly MatchEvent[]>([])
  const [gap, setGap] = useState<GapNotice>()

  // Only with the node's time can it be said what was before this visit. If it fails: again with the next connection.
  useEffect(() => {
    if (connected && untilMs === undefined) askNow(client).then(setUntilMs, () => undefined)
  }, [client, connected, untilMs])

  useEffect(() => {
    if (untilMs === undefined) return
    setMissed([])
    const subscription = client.channel(NEWS).subscribe({ from, onGap: setGap }, ({ cursor, data }) => {
      const event = decodeEvent(data)
      if (event !== undefined && event.atMs <= untilMs) setMissed((missed) => [...missed, event])
      keep(cursor)
    })
    subscription.ready.then(keep, () => undefined)
    return () => subscription.close()
  }, [client, from, untilMs])

  const close = (): void => {
    setMissed([])
    setGap(undefined)
  }
  return { missed, untilMs, gap, close }
}

/** Where storage is switched off, every visit is the first. */
const recall = (): string => {
  try {
    return localStorage.getItem(KEY) ?? 'now'
  } catch {
    return 'now'
  }
}

const keep = (cursor: string): void => {
  try {
    // What comes while nobody looks has not been seen.
    if (!document.hidden) localStorage.setItem(KEY, cursor)
  } catch {
    // The next visit is then a first one.
  }
}
