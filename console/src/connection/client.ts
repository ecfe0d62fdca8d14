/** The one connection of this page: every room and every panel uses it. */
import { type Client, type ClientState, connect, type TransportName } from 'holdfast'
import { useSyncExternalStore } from 'react'

export const client: Client = connect(location.origin)

const listen = (listener: () => void): (() => void) => client.on('state', listener)
const read = (): ClientState => client.state

/** What the connection is now; the view is drawn anew when it changes. */
export const useConnection = (): ClientState => useSyncExternalStore(listen, read)

export type Wanted = TransportName | 'auto'
