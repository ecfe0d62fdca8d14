/** The latest publication of each key of a conflated channel. */
import { useState } from 'react'
import type { Publication } from '../client/index.ts'
import { useSubscription } from './subscription.ts'

/** By key. A key that was removed is not there. */
export type Latest<T> = ReadonlyMap<string, Publication<T>>

const NOTHING: Latest<never> = new Map()

/** Follows a conflated channel from its start: a reader that lags is served the latest of each key, and no gap. */
export const useLatest = <T = unknown>(name: string): Latest<T> => {
  const [state, setState] = useState<{ readonly name: string; readonly latest: Latest<T> }>({
    name,
    latest: NOTHING,
  })
  useSubscription<T>(
    name,
    { from: 'start', conflate: true, onGap: () => setState({ name, latest: NOTHING }) },
    (publication) => {
      const { key } = publication
      if (key === undefined) return
      setState((state) => {
        const latest = new Map(state.name === name ? state.latest : NOTHING)
        if (publication.removed) latest.delete(key)
        else latest.set(key, publication)
        return { name, latest }
      })
    },
  )
  return state.name === name ? state.latest : NOTHING
}
