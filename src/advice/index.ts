/** Which transport suits what, and why, from measured costs: published as `holdfast/advice`. */
export { advise, type Advice, type Candidate, formatCores, formatMs, TITLES, type Verdict } from './advise.ts'
export type { Cost, Measurement, TransportCost } from './cost.ts'
export { MEASURED } from './measured.ts'
export { type Network, obstacleTo, OPEN_NETWORK, usable } from './network.ts'
export { type Load, loadOf, type Workload } from './workload.ts'
