/** How many updates the node publishes a second, for everyone who looks: a viewer may choose among these. */
export const RATES: readonly number[] = [1_000, 2_000, 5_000]
export const DEFAULT_RATE = 2_000
