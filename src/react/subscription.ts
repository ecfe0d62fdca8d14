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
 * each drawing; what is followed changes only with the client, the name, `from` and `conflate`.
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
  useEffect(() => {
    const subscription = channel.subscribe(
      {
        from: JSON.parse(start) as From,
        conflate,
        onGap: (gap) => latest.current.options.onGap?.(gap),
      },
      (publication) => latest.current.handler(publication),
    )
    subscription.ready.then(
      () => latest.current.options.onReady?.(),
      // `ended` says why.
      () => undefined,
    )
    subscription.ended.then(
      (end) => {
        if (end.why !== 'unsubscribed') latest.current.options.onEnd?.(end)
      },
      () => undefined,
    )
    return () => subscription.close()
  }, [channel, start, conflate])
}
