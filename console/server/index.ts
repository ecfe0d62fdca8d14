/**
 * The console's half on the node: what the six use cases need there. `holdfast serve` loads it while it is a node for
 * development; it is built into one file beside the page.
 */
import type { ChannelRule, HoldfastServer } from 'holdfast/server'
import * as auction from '../../examples/auction/server.ts'
import * as chat from '../../examples/chat/server.ts'
import * as game from '../../examples/game/server.ts'

interface UseCase {
  /** How its channels are kept. */
  readonly rules: readonly ChannelRule[]
  /** Runs it on a node; returns what ends it. */
  readonly start: (server: HoldfastServer) => () => void
}

const USE_CASES: readonly UseCase[] = [chat, game, auction]

/** The overview publishes to itself for as long as somebody looks at it. */
const OVERVIEW: ChannelRule = { pattern: 'overview', retention: { count: 1_000 } }

export const rules: readonly ChannelRule[] = [OVERVIEW, ...USE_CASES.flatMap((each) => each.rules)]

export const start = (server: HoldfastServer): (() => void) => {
  const ends = USE_CASES.map((each) => each.start(server))
  return () => {
    for (const end of ends) end()
  }
}
