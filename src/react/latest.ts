/** The latest publication of each key of a conflated channel. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { Channel, Publication } from '../client/index.ts'
import { FrameStore } from './frame-store.ts'
import { follow, useChannel, type UseSubscriptionOptions } from './subscription.ts'

/** By key. A key that was removed is not there. */
export type Latest<T> = ReadonlyMap<string, Publication<T>>

export type UseLatestOptions = Pick<UseSubscriptionOptions, 'onReady' | 'onEnd'>

const NOTHING: Latest<never> = new Map()
const nothing = (): Latest<never> => NOTHING

/**
 * Follows a conflated channel from its start: a reader that lags is served the latest of each key, and no gap. The
 * view is drawn at most once per frame, however many publications come.
 */
export const useLatest = <T = unknown>(name: string, options: UseLatestOptions = {}): Latest<T> => {
  const channel = useChannel<T>(name)
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  const table = useMemo(() => new LatestTable(channel), [channel])
  useEffect(
    () =>
      table.follow({
        onReady: () => latest.current.onReady?.(),
        onEnd: (end) => latest.current.onEnd?.(end),
      }),
    [table],
  )
  return useSyncExternalStore(table.store.listen, table.store.read, nothing)
}

class LatestTable<T> {
  readonly #channel: Channel<T>
  readonly #current = new Map<string, Publication<T>>()
  readonly store: FrameStore<Latest<T>> = new FrameStore(() => new Map(this.#current))
  /** Where it goes on when the view is shown again. */
  #cursor: string | undefined

  constructor(channel: Channel<T>) {
    this.#channel = channel
  }

  follow(told: Required<UseLatestOptions>): () => void {
    return follow(
      this.#channel,
      { from: this.#cursor ?? 'start', conflate: true },
      {
        ...told,
        onPublication: (publication) => {
          const { key } = publication
          if (key === undefined) return
          if (publication.removed) this.#current.delete(key)
          else this.#current.set(key, publication)
          this.store.touch()
        },
        onGap: () => {
          this.#current.clear()
          this.store.touch()
        },
      },
      (cursor) => (this.#cursor = cursor ?? this.#cursor),
    )
  }
}
