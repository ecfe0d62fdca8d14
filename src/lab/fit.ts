/** Fits what phases of a measurement have cost to what happened in them: so much for each of one or two kinds of event. */

/** How often each kind of event happened in a phase, and what the phase cost. */
export interface Observed {
  readonly events: readonly [number, number]
  readonly cost: number
}

export interface Fit {
  /** Cost of one event of each kind; never negative. */
  readonly each: readonly [number, number]
  /** The largest deviation of a phase from what the fit says, as a share of the phase. */
  readonly residual: number
}

/**
 * Least squares of the relative deviations, so that quiet phases count as much as busy ones. @param observed at least
 * one phase. A kind that never happened costs 0.
 */
export const fit = (observed: readonly Observed[]): Fit => {
  const phases = observed.filter(({ cost }) => cost > 0)
  const each = solve(phases)
  const deviations = phases.map(({ events, cost }) => Math.abs(predict(each, events) / cost - 1))
  return { each, residual: Math.max(0, ...deviations) }
}

const predict = ([a, b]: readonly [number, number], [x, y]: readonly [number, number]): number =>
  a * x + b * y

const solve = (phases: readonly Observed[]): readonly [number, number] => {
  let [xx, xy, yy, x, y] = [0, 0, 0, 0, 0]
  for (const { events, cost } of phases) {
    const [u, v] = [events[0] / cost, events[1] / cost]
    xx += u * u
    xy += u * v
    yy += v * v
    x += u
    y += v
  }
  const determinant = xx * yy - xy * xy
  const alone = (square: number, sum: number): number => (square > 0 ? sum / square : 0)
  if (determinant <= 1e-9 * xx * yy) return xx > 0 ? [alone(xx, x), 0] : [0, alone(yy, y)]
  const both: readonly [number, number] = [(x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant]
  if (both[0] < 0) return [0, alone(yy, y)]
  if (both[1] < 0) return [alone(xx, x), 0]
  return both
}
