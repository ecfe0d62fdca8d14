/** The middle of some figures; those that are not numbers are left out. NaN where none is left. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
