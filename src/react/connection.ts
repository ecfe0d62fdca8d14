/** What the connection is now. */
import { useCallback, useSyncExternalStore } from 'react'
import type { ClientState } from '../client/index.ts'
import { NOT_BEGUN } from './absent-client.ts'
import { useClient } from './provider.ts'

const whole = (state: ClientState): ClientState => state

/**
 * The client's state: transport and why, status, latency, counts. The view is drawn anew when it changes, at most ten
 * times a second while only numbers do. With `select`, only when what it selects is another value.
 */
export const useConnection: {
  (): ClientState
  <S>(select: (state: ClientState) => S): S
} = (select: (state: ClientState) => unknown = whole): never => {
  const client = useClient()
  const listen = useCallback((listener: () => void) => client.on('state', listener), [client])
  return useSyncExternalStore(
    listen,
    () => select(client.state),
    () => select(NOT_BEGUN),
  ) as never
}
