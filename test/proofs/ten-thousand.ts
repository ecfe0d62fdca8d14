/**
 * The proof's plan, shared by its runs from Node and from a browser: how many publications, when the transport
 * changes, when the connection is cut. It decides nothing about how they are carried out.
 */
export const PUBLICATIONS = 10_000
export const SWITCHES = 50
export const CUTS = 20
/** Publications that are published and not handed over yet, at most. */
export const MOST_UNDER_WAY = 300
export const CHANNEL = 'proof/ten-thousand'

export const TRANSPORTS = ['websocket', 'sse', 'long-polling', 'polling'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** Publications between two changes of transport. */
export const SEGMENT = PUBLICATIONS / (SWITCHES + 1)

/**
 * How many changes must be done before so many are published: a change happens in mid-stream, but the stream does
 * not run away from it, so that each transport carries its share.
 */
export const switchesBefore = (published: number): number => Math.ceil(published / SEGMENT - 1.3)

/** Each transport in turn, so that each carries a quarter of the stream. */
export const transportAt = (step: number): Transport => TRANSPORTS[step % TRANSPORTS.length] as Transport

/** Everything is set explicitly: the defaults bound a single client far below this. */
export const PROOF_LIMITS = {
  commandsPerSecond: Infinity,
  connectionsPerAddress: 1_000,
  acceptsPerSecond: 1_000,
  pollMinMs: 10,
  pollMaxMs: 50,
} as const

export const PROOF_RULES = [{ pattern: 'proof/*', retention: { count: 2 * PUBLICATIONS } }] as const

/** What a run has to report; the tests assert on it and print it. */
export interface Outcome {
  readonly delivered: number
  readonly inOrder: boolean
  readonly lost: number
  readonly duplicated: number
  readonly gaps: number
  readonly switches: number
  readonly cuts: number
  readonly byTransport: Readonly<Record<string, number>>
}

export const describeOutcome = (outcome: Outcome): string =>
  `${outcome.delivered} delivered${outcome.inOrder ? ' in order' : ' OUT OF ORDER'}, ${outcome.lost} lost, ` +
  `${outcome.duplicated} duplicated, ${outcome.gaps} gaps; ${outcome.switches} switches, ${outcome.cuts} cuts; ` +
  Object.entries(outcome.byTransport)
    .map(([transport, count]) => `${transport} ${count}`)
    .join(', ')
