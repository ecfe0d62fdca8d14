'use client'
/** The hooks' public names: published as `holdfast/react`. */
export { HoldfastProvider, type HoldfastProviderProps, useClient } from './provider.ts'
export { useConnection } from './connection.ts'
export { useChannel, useSubscription, type UseSubscriptionOptions } from './subscription.ts'
export { useLog, type Log, type UseLogOptions } from './log.ts'
export { useLatest, type Latest, type UseLatestOptions } from './latest.ts'
export { usePresence } from './presence.ts'
