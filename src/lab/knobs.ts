/**
 * What the page may set of a measurement, and within which bounds: whatever it sends is read here before anything is done
 * with it.
 */
import { LEAST_BYTES, MOST_BYTES } from './content.ts'

export interface Knob {
  readonly least: number
  readonly most: number
}

/** Numbers, all whole. */
export const KNOBS: Readonly<Record<NumberKnob, Knob>> = {
  perSecond: { least: 1, most: 100 },
  payloadBytes: { least: LEAST_BYTES, most: MOST_BYTES },
  publications: { least: 10, most: 5_000 },
  delayMs: { least: 0, most: 2_000 },
  cutEverySeconds: { least: 0, most: 60 },
}

type NumberKnob = 'perSecond' | 'payloadBytes' | 'publications' | 'delayMs' | 'cutEverySeconds'

export interface Knobs extends Readonly<Record<NumberKnob, number>> {
  /** A proxy holds answers back until they end. */
  readonly buffering: boolean
  /** A proxy knows nothing of WebSockets. */
  readonly noUpgrade: boolean
}

/** The knobs among what was sent. @throws RangeError */
export const readKnobs = (sent: unknown): Partial<Knobs> => {
  const knobs: Record<string, number | boolean> = {}
  for (const [name, value] of Object.entries((sent ?? {}) as Record<string, unknown>)) {
    const bounds = Object.hasOwn(KNOBS, name) ? KNOBS[name as NumberKnob] : undefined
    if (bounds !== undefined) {
      const fits =
        Number.isInteger(value) && (value as number) >= bounds.least && (value as number) <= bounds.most
      if (!fits) throw new RangeError(`${name} is a whole number from ${bounds.least} to ${bounds.most}`)
      knobs[name] = value as number
    } else if (name === 'buffering' || name === 'noUpgrade') {
      if (typeof value !== 'boolean') throw new RangeError(`${name} is true or false`)
      knobs[name] = value
    } else throw new RangeError(`there is no knob ${JSON.stringify(name.slice(0, 40))}`)
  }
  return knobs
}

const DEFAULTS: Knobs = {
  perSecond: 10,
  payloadBytes: 128,
  publications: 300,
  delayMs: 0,
  cutEverySeconds: 0,
  buffering: false,
  noUpgrade: false,
}

/** What a page that starts a measurement says. @throws RangeError */
export const readRunStart = (sent: unknown): { knobs: Knobs; origin: string; takeOver: boolean } => {
  const { knobs, origin, takeOver } = (sent ?? {}) as Record<string, unknown>
  if (typeof origin !== 'string' || !isLoopbackOrigin(origin))
    throw new RangeError('the page has to come from this machine')
  return { knobs: { ...DEFAULTS, ...readKnobs(knobs) }, origin, takeOver: takeOver === true }
}

const isLoopbackOrigin = (text: string): boolean =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]{1,63}\.localhost)(:\d{1,5})?$/.test(text)
