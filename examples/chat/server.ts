/** The server's half of the chat: how its rooms are kept. What is said needs nobody to answer it. */
import type { ChannelRule, HoldfastServer } from 'holdfast/server'

export const rules: readonly ChannelRule[] = [{ pattern: 'chat/*', retention: { count: 10_000 } }]

export const start =
  (_server: HoldfastServer): (() => void) =>
  () =>
    undefined
