/** The end of a channel as a list that grows while the view is shown, and that can be led back into the past. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { From } from '../client/index.ts'
import { type Log, LogList, NO_LOG } from './log-list.ts'
import { useChannel } from './subscription.ts'

export type { Log } from './log-list.ts'

export interface UseLogOptions {
  /** Default: the last 100. */
  readonly from?: From
  /** Publications that are kept; older ones are let go of, and can be loaded again. Default 1,000. */
  readonly limit?: number
}

/** The publications of a channel, oldest first. The view is drawn at most once per frame, however many come. */
export const useLog = <T = unknown>(
  name: string,
  { from = { last: 100 }, limit = 1_000 }: UseLogOptions = {},
): Log<T> => {
  const channel = useChannel<T>(name)
  const start = JSON.stringify(from)
  const list = useMemo(() => new LogList<T>(channel, JSON.parse(start) as From), [channel, start])
  useEffect(() => list.follow(limit), [list, limit])
  return useSyncExternalStore(list.store.listen, list.store.read, nothing)
}

const nothing = (): Log<never> => NO_LOG
