/**
 * The console's half on the node: what the six use cases and the tools need there. `holdfast serve` loads it while it is a node for
 * development; it is built into one file beside the page.
 */
import type { ChannelRule, HoldfastServer } from 'holdfast/server'
import * as auction from './auction/server.ts'
import * as chat from '../../examples/chat/server.ts'
import * as game from './game/server.ts'
import * as scores from '../../examples/scores/server.ts'
import * as ticker from '../../examples/ticker/server.ts'
import * as editor from '../../examples/editor/server.ts'
import * as inspector from './inspector/server.ts'

interface UseCase {
  /** How its channels are kept. */
  readonly rules: readonly ChannelRule[]
  /** Runs it on a node; returns what ends it. */
  readonly start: (server: HoldfastServer) => () => void
}

const USE_CASES: readonly UseCase[] = [chat, game, ticker, editor, scores, auction]

/** What the page publishes for itself: on its overview, and as simulated traffic. */
const OWN: readonly ChannelRule[] = [
  { pattern: 'overview', retention: { count: 1_000 } },
  { pattern: 'traffic', retention: { count: 1_000 } },
]

/** What the pages of tools need: of the same shape. */
const TOOLS: readonly UseCase[] = [inspector]

const ALL: readonly UseCase[] = [...USE_CASES, ...TOOLS]

export const rules: readonly ChannelRule[] = [...OWN, ...ALL.flatMap((each) => each.rules)]

export const start = (server: HoldfastServer): (() => void) => {
  const ends = ALL.map((each) => each.start(server))
  return () => {
    for (const end of ends) end()
  }
}
