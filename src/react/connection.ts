/** What the connection is now. */
import { useCallback, useSyncExternalStore } from 'react'
import type { ClientState } from '../client/index.ts'
import { useClient } from './provider.ts'

/** The client's state: transport and why, status, latency, counts. The view is drawn anew when it changes. */
export const useConnection = (): ClientState => {
  const client = useClient()
  const listen = useCallback((listener: () => void) => client.on('state', listener), [client])
  const read = (): ClientState => client.state
  return useSyncExternalStore(listen, read, read)
}
