/** Who is in a channel, and being there oneself. */
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { useChannel } from './subscription.ts'

/**
 * The members of a channel, by member. With `self` this client is one of them while the view is shown, under that
 * data (JSON); without it, it only looks.
 */
export const usePresence = <T = unknown>(name: string, self?: unknown): ReadonlyMap<string, T> => {
  const channel = useChannel(name)
  const listen = useCallback((listener: () => void) => channel.presence.on(listener), [channel])
  const read = (): ReadonlyMap<string, unknown> => channel.presence.members
  const data = self === undefined ? undefined : JSON.stringify(self)
  useEffect(() => {
    // A channel without presence can be used as well: who is there is then nobody.
    if (data !== undefined) channel.presence.enter(JSON.parse(data)).catch(() => undefined)
  }, [channel, data])
  const present = data !== undefined
  useEffect(() => {
    if (!present) return undefined
    return () => {
      channel.presence.leave().catch(() => undefined)
    }
  }, [channel, present])
  return useSyncExternalStore(listen, read, nobody) as ReadonlyMap<string, T>
}

const NOBODY: ReadonlyMap<string, unknown> = new Map()
const nobody = (): ReadonlyMap<string, unknown> => NOBODY
