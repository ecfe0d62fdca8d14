/** All that is looked at, in order: what everything stands on first, then the transports, then what takes patience. */
import { type Network, usable } from '../../advice/index.ts'
import type { TransportName } from '../../client/index.ts'
import { lookAtTcp, lookAtTls, lookForNode, Unreachable } from './connecting.ts'
import type { Path } from './exchange.ts'
import type { Finding } from './finding.ts'
import { judgeQuiet, lookAtHold, watch } from './holding.ts'
import { lookAtStream } from './streaming.ts'
import { lookAtHttp2, lookAtUpgrade } from './upgrading.ts'

export interface Examination {
  readonly findings: readonly Finding[]
  /** Undefined when no node was reached. */
  readonly network: Network | undefined
  /** What `transport: 'auto'` ends with there. */
  readonly auto: TransportName | undefined
}

export interface ExaminationOptions {
  /** How long to hold a request and to leave connections quiet, milliseconds. */
  readonly waitMs: number
  /** Told of each finding as it is made. */
  readonly found: (finding: Finding) => void
  /** Told when nothing but waiting is left. */
  readonly waiting: () => void
}

export const examine = async (path: Path, options: ExaminationOptions): Promise<Examination> => {
  const findings: Finding[] = []
  const found = (finding: Finding): void => {
    findings.push(finding)
    options.found(finding)
  }
  try {
    const { finding, roundTripMs } = await lookAtTcp(path)
    found(finding)
    found(await lookAtTls(path))
    const network = await lookAtTransports(path, roundTripMs, { ...options, found })
    return { findings, network, auto: usable(network)[0] }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    found(error.finding)
    return { findings, network: undefined, auto: undefined }
  }
}

const lookAtTransports = async (
  path: Path,
  roundTripMs: number,
  { waitMs, found, waiting }: ExaminationOptions,
): Promise<Network> => {
  const { finding, middlebox } = await lookForNode(path)
  found(finding)
  const upgraded = await lookAtUpgrade(path, middlebox)
  found(upgraded.finding)
  found(await lookAtHttp2(path))
  const streamed = await lookAtStream(path, middlebox)
  found(streamed.finding)
  waiting()
  const holding = lookAtHold(path, waitMs, middlebox)
  const watching = watch({ websocket: upgraded.open, sse: streamed.open }, waitMs)
  const hold = await holding
  found(hold.finding)
  const quiet = judgeQuiet(await watching, waitMs, hold.culprit)
  found(quiet.finding)
  return {
    upgrade: upgraded.finding.verdict === 'good',
    streaming: streamed.finding.verdict === 'good',
    holdMs: Math.min(hold.heldMs, quiet.heldMs, LONGEST_HOLD_MS),
    roundTripMs,
  }
}

/** Whatever was not cut while it was watched is taken for the usual. */
const LONGEST_HOLD_MS = 60_000
