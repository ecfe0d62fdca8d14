/** What both sides of a game know of it: how long a tick is, how bodies go on, and the bytes of states and commands. */

/** How a value travels. `decode` returns undefined for anything that `encode` cannot have written. */
export interface Codec<Value> {
  encode(value: Value): Uint8Array
  decode(bytes: Uint8Array): Value | undefined
}

/** What moves: numbers by name, as `{ x, y, vx, vy }`. */
export type Numbers<Body> = { readonly [Name in keyof Body]: number }

export interface Game<State, Body extends Numbers<Body>, Command> {
  readonly tickMs: number
  /** A state is whole: whoever has one needs none of those before it. */
  readonly states: Codec<State>
  /** What a player's hand does. Decoding is where cheating ends: give undefined for what no hand can do. */
  readonly commands: Codec<Command>
  /** The command of a hand that is off the controls. */
  readonly still: Command
  /** The body of a player, by number; undefined where there is none in that state. */
  bodyOf(state: State, player: number): Body | undefined
  /**
   * One tick of a body. The server's own rule, so that guess and truth agree: to the bit where every number is kept
   * in the steps that `states` writes.
   */
  step(body: Body, command: Command): Body
  /** The fields of a body that say where it is. */
  readonly axes: readonly (keyof Body)[]
  /** A guess that was off by less is drawn away softly; beyond that a leap is kinder. In the units of the axes. */
  readonly leap: number
}

/** What a player's hand does from a tick on. */
export interface Input<Command> {
  /** 1, 2, 3 … for each player. */
  readonly seq: number
  /** The tick in which its sender has already seen it happen. */
  readonly tick: number
  readonly command: Command
}

/** What the server has heard of a player. */
export interface Heard {
  /** The last of the inputs that have been applied; 0: none yet. */
  readonly seq: number
  /** How many ticks before it was due that input came; below zero it came too late. */
  readonly early: number
  /** Inputs that never came; more than 255 are said as 255. */
  readonly missed: number
}

export interface Snapshot<State> {
  readonly tick: number
  /** By the number of the player. */
  readonly heard: ReadonlyMap<number, Heard>
  readonly state: State
}

/** A hand that has not been heard of for so long is off the controls, on the server and in the client's guess alike. */
export const STILL_AFTER_MS = 750

/** Each number of it between those of two bodies; a part above 1 goes on beyond the second. */
export const between = <Body extends Numbers<Body>>(a: Body, b: Body, part: number): Body => {
  const body = { ...b } as { -readonly [Name in keyof Body]: number }
  for (const name in a) body[name] = a[name] + (b[name] - a[name]) * part
  return body as Body
}
