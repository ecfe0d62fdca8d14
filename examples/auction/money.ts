/** Money as whole cents: a sum of floating-point numbers is no price. How it is written, read, and raised. */

/** No bid is higher: it stays far within what a number counts exactly, and bounds the length of a lot's log. */
export const HIGHEST_CENTS = 100_000_000

const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** `$1,250.00` */
export const formatCents = (cents: number): string => DOLLARS.format(cents / 100)

/** What somebody typed, `1,250` or `$1250.5`, in cents; undefined when it is no amount. */
export const parseCents = (text: string): number | undefined => {
  const [, whole, cents = ''] =
    /^\$?\s*(\d{1,3}(?:,?\d{3}){0,3}|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? []
  return whole === undefined
    ? undefined
    : Number(whole.replaceAll(',', '')) * 100 + Number(cents.padEnd(2, '0'))
}

/** From this price on, bids are raised by at least this. */
const STEPS: readonly (readonly [fromCents: number, stepCents: number])[] = [
  [0, 500],
  [10_000, 1_000],
  [50_000, 2_500],
  [100_000, 5_000],
  [500_000, 25_000],
  [2_500_000, 100_000],
]

/** The least raise at a price. */
export const stepAt = (cents: number): number => STEPS.findLast(([from]) => cents >= from)?.[1] ?? 500
