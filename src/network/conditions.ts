/**
 * What a network does to the connections on it, as its owner sets it while it runs. Each is off at 0, or in its first
 * word. Nothing happens in here.
 */

export interface Conditions {
  /** How long what is sent is under way, each way, milliseconds. Connections are accepted at once. */
  readonly delayMs: number
  /** Up to this much more, evenly distributed; what is late holds up what follows, as on TCP. Milliseconds. */
  readonly jitterMs: number
  /**
   * `responses` holds an answer back, its head too, until `bufferBytes` of its body are there or it ends, as nginx does
   * with proxy_buffering. What has been upgraded is passed on as it comes.
   */
  readonly buffering: 'none' | 'responses'
  readonly bufferBytes: number
  /**
   * `stripped` takes Upgrade away, as a proxy does that knows nothing of it, so that a plain request arrives.
   * `swallowed` answers 101 in the target's place, and never says a word.
   */
  readonly upgrade: 'passed' | 'stripped' | 'swallowed'
  /** Every connection is reset when it is this old, milliseconds. */
  readonly cutEveryMs: number
  /** How likely it is that a connection is reset in the middle of a piece that comes from the target, 0 to 1. */
  readonly cutChance: number
  /** A connection on which nothing has moved for so long is closed, milliseconds. */
  readonly idleTimeoutMs: number
}

/** A network that does nothing of all that. */
export const CLEAR: Conditions = {
  delayMs: 0,
  jitterMs: 0,
  buffering: 'none',
  bufferBytes: 8_192,
  upgrade: 'passed',
  cutEveryMs: 0,
  cutChance: 0,
  idleTimeoutMs: 0,
}

const WORDS: Readonly<Record<string, readonly unknown[]>> = {
  buffering: ['none', 'responses'],
  upgrade: ['passed', 'stripped', 'swallowed'],
}
/** Node's timers know no longer time. */
const MOST = 2_147_483_647

/** The present conditions with these changed. @throws RangeError */
export const changed = (present: Conditions, change: Partial<Conditions>): Conditions => {
  for (const [name, value] of Object.entries(change)) {
    if (!Object.hasOwn(CLEAR, name)) throw new RangeError(`a network has no condition ${name}`)
    const most = name === 'cutChance' ? 1 : MOST
    const least = name === 'bufferBytes' ? 1 : 0
    const fits =
      WORDS[name]?.includes(value) ?? (typeof value === 'number' && value >= least && value <= most)
    if (!fits) throw new RangeError(`${name} cannot be ${String(value)}`)
  }
  return { ...present, ...change }
}

/** Whether it takes a proxy that reads HTTP: all else is done to bytes. */
export const readsHttp = ({ buffering, upgrade }: Conditions): boolean =>
  buffering !== 'none' || upgrade !== 'passed'
