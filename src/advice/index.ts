/** Which transport suits what, and why: published as `holdfast/advice`. */
export type { Cost, Measurement, TransportCost } from './cost.ts'
