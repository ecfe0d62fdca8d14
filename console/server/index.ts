/**
 * The console's half on the node: what the six use cases and the tools need there. `holdfast serve` loads it while it is a node for
 * development; it is built into one file beside the page.
 */
import type { ChannelRule, HoldfastServer } from 'holdfast/server'
import * as chat from '../../examples/chat/server.ts'
import * as inspector from './inspector/server.ts'

interface UseCase {
  /** How its channels are kept. */
  readonly rules: readonly ChannelRule[]
  /** Runs it on a node; returns what ends it. */
  readonly start: (server: HoldfastServer) => () => void
}

const USE_CASES: readonly UseCase[] = [chat]

/** What the pages of tools need: of the same shape. */
const TOOLS: readonly UseCase[] = [inspector]

const ALL: readonly UseCase[] = [...USE_CASES, ...TOOLS]

export const rules: readonly ChannelRule[] = ALL.flatMap((each) => each.rules)

export const start = (server: HoldfastServer): (() => void) => {
  const ends = ALL.map((each) => each.start(server))
  return () => {
    for (const end of ends) end()
  }
}
