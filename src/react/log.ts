/** The end of a channel as a list that grows while the view is shown. */
import { useState } from 'react'
import type { From, GapNotice, Publication, SubscriptionEnd } from '../client/index.ts'
import { useSubscription } from './subscription.ts'

export interface UseLogOptions {
  /** Default: the last 100. */
  readonly from?: From
  /** Publications that are kept; older ones are let go of. Default 1,000. */
  readonly limit?: number
}

export interface Log<T> {
  readonly publications: readonly Publication<T>[]
  /** The last gap, if there was one. */
  readonly gap: GapNotice | undefined
  /** The log has answered: what is shown is what there is. */
  readonly ready: boolean
  /** Why nothing more will come. */
  readonly ended: SubscriptionEnd | undefined
}

const EMPTY: Log<never> = { publications: [], gap: undefined, ready: false, ended: undefined }

export const useLog = <T = unknown>(
  name: string,
  { from = { last: 100 }, limit = 1_000 }: UseLogOptions = {},
): Log<T> => {
  const [state, setState] = useState<{ readonly name: string; readonly log: Log<T> }>({ name, log: EMPTY })
  const log = state.name === name ? state.log : EMPTY
  const change = (next: (log: Log<T>) => Partial<Log<T>>): void =>
    setState((state) => {
      const log: Log<T> = state.name === name ? state.log : EMPTY
      return { name, log: { ...log, ...next(log) } }
    })
  useSubscription<T>(
    name,
    {
      from,
      onReady: () => change(() => ({ ready: true })),
      onGap: (gap) => change(() => ({ gap })),
      onEnd: (ended) => change(() => ({ ended })),
    },
    (publication) =>
      change(({ publications }) => ({ publications: [...publications, publication].slice(-limit) })),
  )
  return log
}
