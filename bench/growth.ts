/** How something grows, as one number: the exponent of the power law that fits it best. */

export interface Point {
  readonly x: number
  readonly y: number
}

/** Least squares on logarithms: 0 is flat, 1 linear, 2 quadratic. @param points two at least, all positive */
export const growthExponent = (points: readonly Point[]): number => {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean((point) => Math.log(point.x)), mean((point) => Math.log(point.y))]
  const along = mean((point) => (Math.log(point.x) - x) * (Math.log(point.y) - y))
  return along / mean((point) => (Math.log(point.x) - x) ** 2)
}
