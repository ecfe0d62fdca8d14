/** The client that the hooks below a provider use. It is made and closed by the application, never by a view. */
import { createContext, createElement, type JSX, type ReactNode, useContext } from 'react'
import type { Client } from '../client/index.ts'
import { ABSENT } from './absent-client.ts'

const ClientContext = createContext<Client | undefined>(undefined)

export interface HoldfastProviderProps {
  /** Undefined while views are rendered on a server: the hooks then have nothing yet, and ask nobody for it. */
  readonly client: Client | undefined
  readonly children?: ReactNode
}

// The context itself is a provider only from React 19 on.
export const HoldfastProvider = ({ client, children }: HoldfastProviderProps): JSX.Element =>
  createElement(ClientContext.Provider, { value: client ?? ABSENT }, children)

/** The client of the nearest provider. @throws Error where there is none */
export const useClient = (): Client => {
  const client = useContext(ClientContext)
  if (client === undefined)
    throw new Error('no client here: wrap the view in <HoldfastProvider client={connect(url)}>')
  return client
}
