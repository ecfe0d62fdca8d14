/** A tab that was in the background for a while is visited anew: the number changes, and with it what was missed. */
import { useEffect, useState } from 'react'
import { recall, remember } from '../page/storage.ts'
import type { ServerClock } from './server-clock.ts'

/** In less than this nothing was missed. */
const AWAY_MS = 60_000
const KEY = 'holdfast.scores.left'

export const useVisit = (): number => {
  const [visit, setVisit] = useState(0)
  useEffect(() => {
    let hiddenMs: number | undefined
    const look = (): void => {
      if (document.hidden) hiddenMs = Date.now()
      else if (hiddenMs !== undefined && Date.now() - hiddenMs > AWAY_MS) setVisit((visit) => visit + 1)
    }
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return visit
}

/** When this browser was here last, by the node's time, milliseconds since 1970. */
export const useLeftMs = ({ known, now }: ServerClock): number | undefined => {
  const [leftMs] = useState(recallLeftMs)
  useEffect(() => {
    if (!known) return
    const leave = (): void => remember(KEY, String(Math.round(now())))
    const look = (): void => {
      if (document.hidden) leave()
    }
    document.addEventListener('visibilitychange', look)
    addEventListener('pagehide', leave)
    return () => {
      if (!document.hidden) leave()
      document.removeEventListener('visibilitychange', look)
      removeEventListener('pagehide', leave)
    }
  }, [known, now])
  return leftMs
}

/** Where nothing is remembered, how long one was away is not said. */
const recallLeftMs = (): number | undefined => {
  const kept = Number(recall(KEY) ?? NaN)
  return Number.isSafeInteger(kept) ? kept : undefined
}
