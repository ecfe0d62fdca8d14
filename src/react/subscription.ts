/** A channel, and following it for as long as a view is shown. */
import { useEffect, useMemo, useRef } from 'react'
import type { Channel, From, GapNotice, Publication, SubscriptionEnd } from '../client/index.ts'
import { useClient } from './provider.ts'

export interface UseSubscriptionOptions {
  /** Where to begin. Default: `now`. */
  readonly from?: From
  /** Of each key, only the latest publication matters. */
  readonly conflate?: boolean
  readonly onGap?: (gap: GapNotice) => void
  /** The server has said where it starts: what follows is new. */
  readonly onReady?: () => void
  /** Nothing more will come, and not because the view has gone. */
  readonly onEnd?: (end: SubscriptionEnd) => void
}

/** The channel of this name; the same object for as long as client and name stay. */
export const useChannel = <T = unknown>(name: string): Channel<T> => {
  const client = useClient()
  return useMemo(() => client.channel<T>(name), [client, name])
}

/**
 * Follows a channel while the view is shown: every publication, in order, once. The handlers may change with
 * each drawing; what is followed changes only with the client, the name, `from` and `conflate`. It draws nothing by
 * itself: `useLog` and `useLatest` do.
 */
export const useSubscription = <T = unknown>(
  name: string,
  options: UseSubscriptionOptions,
  handler: (publication: Publication<T>) => void,
): void => {
  const channel = useChannel<T>(name)
  const latest = useRef({ options, handler })
  useEffect(() => {
    latest.current = { options, handler }
  })
  const { from = 'now', conflate = false } = options
  const start = JSON.stringify(from)
  useEffect(
    () =>
      follow(
        channel,
        { from: JSON.parse(start) as From, conflate },
        {
          onPublication: (publication) => latest.current.handler(publication),
          onGap: (gap) => latest.current.options.onGap?.(gap),
          onReady: () => latest.current.options.onReady?.(),
          onEnd: (end) => latest.current.options.onEnd?.(end),
        },
      ),
    [channel, start, conflate],
  )
}

export interface Follower<T> {
  readonly onPublication: (publication: Publication<T>) => void
  readonly onGap: (gap: GapNotice) => void
  readonly onReady: () => void
  readonly onEnd: (end: SubscriptionEnd) => void
}

/** Returns what ends it; nothing is called back after that. @param onStop told where it stopped */
export const follow = <T>(
  channel: Channel<T>,
  { from, conflate = false }: { readonly from: From; readonly conflate?: boolean },
  { onPublication, onGap, onReady, onEnd }: Follower<T>,
  onStop?: (cursor: string | undefined) => void,
): (() => void) => {
  let over = false
  const subscription = channel.subscribe({ from, conflate, onGap }, onPublication)
  const unless = <A>(call: (argument: A) => void): ((argument: A) => void) => {
    return (argument) => {
      if (!over) call(argument)
    }
  }
  // Where it cannot begin, `ended` says why.
  subscription.ready.then(unless(onReady), () => undefined)
  subscription.ended.then(unless(onEnd), () => undefined)
  return () => {
    over = true
    onStop?.(subscription.cursor)
    subscription.close()
  }
}
