// WebSocket on real sockets: the library that is published, and what only the other rooms of this house need.

export * from './library.ts'
export { Attempt, type AttemptOptions } from './attempt.ts'
export { PerMessageDeflate, resolveDeflate } from './per-message-deflate.ts'
export { reach, type ReachOptions } from './reach.ts'
export { PlainRequest, PlainResponse, type Watcher } from './plain-exchange.ts'
export { SharedAnswer } from './shared-answer.ts'
export { type PlainDoor } from './plain-lane.ts'
export { DeadlineSweep, type Timed } from './deadline.ts'
