/** What happened in a run: always as one number, by which two runs are compared, and as lines for who reads it. */

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export class Trace {
  readonly lines: string[] = []
  readonly #kept: boolean
  readonly #now: () => number
  #low = FNV_OFFSET
  #high = FNV_PRIME

  /** @param kept whether lines are kept. @param now milliseconds since the run began. */
  constructor(kept: boolean, now: () => number) {
    this.#kept = kept
    this.#now = now
  }

  get hash(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0')
  }

  note(who: string, what: string): void {
    this.#mix(who)
    this.#mix(what)
    this.#high = Math.imul(this.#high ^ Math.floor(this.#now() * 1_000), FNV_PRIME)
    if (this.#kept) this.lines.push(`${stamp(this.#now())}  ${who.padEnd(10)} ${what}`)
  }

  /** Only for who reads it: it is no part of the hash. */
  detail(who: string, what: () => string): void {
    if (this.#kept) this.lines.push(`${stamp(this.#now())}    ${who.padEnd(8)} ${what()}`)
  }

  #mix(text: string): void {
    let hash = this.#low
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
    this.#low = hash
    this.#high = Math.imul(this.#high ^ hash, FNV_PRIME)
  }
}

const stamp = (ms: number): string => (ms / 1_000).toFixed(4).padStart(12)
