/** A game's two halves over channels: published as `holdfast/netcode`. */
export type { Codec, Game, Heard, Input, Numbers, Snapshot } from './game.ts'
export { decodeInput, decodeSnapshot, encodeInput, encodeSnapshot } from './bytes.ts'
export { everyTick } from './every-tick.ts'
export { type Hand, Referee } from './referee.ts'
export { type Measures, Player, type PlayerOptions, type Sight } from './player.ts'
