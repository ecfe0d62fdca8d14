/**
 * What happened while one was away: the news is followed from the cursor at which this browser left off, and what
 * happened between then and now is the digest. What the log cannot say any more is told as a gap.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { GapNotice } from 'holdfast'
import { useClient } from 'holdfast/react'
import { recallSeen, rememberSeen, type Seen } from './last-seen.ts'
import { type Digest, digestOf, decodeNews, type News } from './news.ts'
import type { ServerClock } from './server-clock.ts'

/** A tab that was in the background for less than this has missed nothing. */
const AWAY_MS = 60_000
const MOST_ITEMS = 2_000

interface Absence {
  readonly fromMs: number
  readonly untilMs: number
  readonly round: number | undefined
}

export interface Away {
  readonly digest: Digest | undefined
  /** How long one was away, milliseconds. */
  readonly awayMs: number
  /** Some of it is not kept any more. */
  readonly gap: GapNotice | undefined
  /** The last thing that happened while one looked. */
  readonly latest: News | undefined
  readonly close: () => void
}

export const useAway = ({ known, now, happened }: ServerClock): Away => {
  const client = useClient()
  const [before] = useState(recallSeen)
  const [items, setItems] = useState<readonly News[]>([])
  const [gap, setGap] = useState<GapNotice>()
  const [absence, setAbsence] = useState<Absence>()
  const round = useRef(before?.round)

  // Only once the node's time is known can it be said what was before this visit.
  useEffect(() => {
    if (known && before !== undefined)
      setAbsence({ fromMs: before.atMs, untilMs: now(), round: before.round })
  }, [known, before, now])

  useEffect(() => {
    let hidden: Seen | undefined
    const from = before?.cursor ?? 'now'
    const subscription = client.channel('scores/news').subscribe({ from, onGap: setGap }, ({ data }) => {
      const news = decodeNews(data)
      if (news === undefined) return
      happened(news.atMs)
      setItems((items) => [...items, news].slice(-MOST_ITEMS))
      if (!document.hidden) {
        round.current = news.round
        remember()
      }
    })
    const seenNow = (): Seen | undefined => {
      const { cursor } = subscription
      return cursor === undefined ? undefined : { cursor, atMs: now(), round: round.current }
    }
    const remember = (): void => {
      const seen = seenNow()
      if (seen !== undefined) rememberSeen(seen)
    }
    const look = (): void => {
      if (document.hidden) {
        hidden = seenNow()
        remember()
        return
      }
      if (hidden !== undefined && now() - hidden.atMs > AWAY_MS)
        setAbsence({ fromMs: hidden.atMs, untilMs: now(), round: hidden.round })
      hidden = undefined
    }
    const leave = (): void => {
      if (!document.hidden) remember()
    }
    subscription.ready.then(remember, () => undefined)
    document.addEventListener('visibilitychange', look)
    addEventListener('pagehide', leave)
    return () => {
      leave()
      document.removeEventListener('visibilitychange', look)
      removeEventListener('pagehide', leave)
      subscription.close()
    }
  }, [client, before, now, happened])

  const digest = useMemo(() => {
    if (absence === undefined) return undefined
    const { fromMs, untilMs, round } = absence
    return digestOf(
      items.filter(({ atMs }) => atMs > fromMs && atMs <= untilMs),
      round,
    )
  }, [items, absence])
  const close = useCallback(() => {
    setAbsence(undefined)
    setGap(undefined)
  }, [])
  const last = items.at(-1)
  const latest = known && last !== undefined && last.atMs > (absence?.untilMs ?? 0) ? last : undefined
  return { digest, awayMs: absence === undefined ? 0 : absence.untilMs - absence.fromMs, gap, latest, close }
}
