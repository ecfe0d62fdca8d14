/** Who is in a channel, and being there oneself. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Channel } from '../client/index.ts'
import { useClient } from './provider.ts'
import { stayIn } from './stay.ts'
import { useChannel } from './subscription.ts'

/**
 * The members of a channel, by member. With `self` this client is one of them while the view is shown, under that
 * data (JSON); without it, it only looks. A client is one member of a channel: of several views that enter it, the
 * last one's data counts, and it leaves with the last of them.
 */
export const usePresence = <T = unknown>(name: string, self?: unknown): ReadonlyMap<string, T> => {
  const client = useClient()
  const channel = useChannel(name)
  const members = useMemo(() => membersOf(channel), [channel])
  const data = self === undefined ? undefined : JSON.stringify(self)
  useEffect(() => (data === undefined ? undefined : stayIn(client, name, data)), [client, name, data])
  return useSyncExternalStore(members.listen, members.read, nobody) as ReadonlyMap<string, T>
}

const NOBODY: ReadonlyMap<string, unknown> = new Map()
const nobody = (): ReadonlyMap<string, unknown> => NOBODY

interface Members {
  readonly listen: (listener: () => void) => () => void
  readonly read: () => ReadonlyMap<string, unknown>
}

/** Followed only while there is a listener: to look at `presence.members` while drawing would already ask for them. */
const membersOf = ({ presence }: Channel): Members => {
  let now = NOBODY
  return {
    listen: (listener) => {
      const end = presence.on((members) => {
        now = members
        listener()
      })
      now = presence.members
      return end
    },
    read: () => now,
  }
}
