/**
 * What changes often and is drawn seldom: changes are collected where they happen, and a snapshot is made of them once
 * per frame. So five thousand publications a second are sixty drawings, however large the list. It knows nothing of
 * what it holds.
 */

/** In a tab that nobody sees there are no frames. */
const LONGEST_WAIT_MS = 100

export class FrameStore<S> {
  readonly #make: () => S
  readonly #listeners = new Set<() => void>()
  #snapshot: S
  #changed = false
  #cancel: (() => void) | undefined

  /** @param make a new, immutable snapshot */
  constructor(make: () => S) {
    this.#make = make
    this.#snapshot = make()
  }

  /** The same object until it is drawn again. */
  readonly read = (): S => this.#snapshot

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    // What came while nobody was there to draw it.
    this.#renew()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    }
  }

  /** Something is otherwise than in the snapshot. */
  touch(): void {
    this.#changed = true
    if (this.#listeners.size > 0) this.#cancel ??= beforeNextFrame(() => this.#draw())
  }

  #draw(): void {
    this.#cancel = undefined
    this.#renew()
    for (const listener of this.#listeners) listener()
  }

  #renew(): void {
    if (!this.#changed) return
    this.#changed = false
    this.#snapshot = this.#make()
  }
}

const beforeNextFrame = (draw: () => void): (() => void) => {
  const cancel = (): void => {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
  }
  const run = (): void => {
    cancel()
    draw()
  }
  const frames = typeof requestAnimationFrame === 'function'
  const timer = setTimeout(run, frames ? LONGEST_WAIT_MS : 0)
  const frame = frames ? requestAnimationFrame(run) : undefined
  return cancel
}
