/** A network to stand before a node, for tests, measurements and demonstrations: published as `holdfast/network`. */
export type { NetworkClock } from './clock.ts'
export { CLEAR, type Conditions } from './conditions.ts'
export type { Target } from './http-door.ts'
export { NetworkProxy, type NetworkOptions, type Tap, type Traffic } from './network-proxy.ts'
export type { Direction, Ending } from './passage.ts'
