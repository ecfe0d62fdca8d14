/**
 * The player's hand: keys, a mouse that is held, or a finger that drags. It says where the hand steers to now, and
 * sends nothing. Keys count while nothing else on the page has use for them.
 */
import { FULL, legalSteering, type Place, STILL, type Steering } from '../../../examples/game/simulation.ts'

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
}

/** How far a finger drags for full speed, in pixels, and how near the ship a held mouse brings it to rest. */
export const DRAG_PX = 56
const CLOSE_PX = 90
const REST_PX = 10

/** Where a finger came down, and where it is. */
export interface Drag {
  readonly from: Place
  readonly to: Place
}

export class Hand {
  drag: Drag | undefined
  readonly #keys = new Set<string>()
  readonly #canvas: HTMLCanvasElement
  readonly #ends = new AbortController()
  #pointing: Place | undefined

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    const { signal } = this.#ends
    addEventListener('keydown', (event) => this.#pressed(event), { signal })
    addEventListener('keyup', ({ code }) => this.#keys.delete(code), { signal })
    addEventListener('blur', () => this.#letGo(), { signal })
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    canvas.addEventListener('pointermove', (event) => this.#moved(event), { signal })
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      canvas.addEventListener(end, () => this.#up(), { signal })
    }
  }

  /** @param ship where the own ship is on the canvas, in its pixels of the page. */
  steering(ship: Place | undefined): Steering {
    if (this.#keys.size > 0) return byKeys(this.#keys)
    if (this.drag !== undefined) return towards(this.drag.from, this.drag.to, DRAG_PX)
    if (this.#pointing === undefined || ship === undefined) return STILL
    const rests = Math.hypot(this.#pointing.x - ship.x, this.#pointing.y - ship.y) < REST_PX
    return rests ? STILL : towards(ship, this.#pointing, CLOSE_PX)
  }

  release(): void {
    this.#ends.abort()
  }

  #pressed(event: KeyboardEvent): void {
    const { target, code } = event
    if (!(code in DIRECTIONS) || event.ctrlKey || event.metaKey || event.altKey) return
    if (target instanceof Element && target.closest(usersOf(code))) return
    event.preventDefault()
    this.#keys.add(code)
  }

  #down(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0) return
    this.#canvas.setPointerCapture(event.pointerId)
    const at = { x: event.offsetX, y: event.offsetY }
    if (event.pointerType === 'touch') this.drag = { from: at, to: at }
    else this.#pointing = at
  }

  #moved(event: PointerEvent): void {
    const at = { x: event.offsetX, y: event.offsetY }
    if (!event.isPrimary) return
    if (this.drag !== undefined) this.drag = { from: this.drag.from, to: at }
    if (this.#pointing !== undefined) this.#pointing = at
  }

  #up(): void {
    this.drag = undefined
    this.#pointing = undefined
  }

  #letGo(): void {
    this.#keys.clear()
    this.#up()
  }
}

/** Who else on a page has use for a key: arrows choose among radio buttons, letters are written. */
const usersOf = (code: string): string =>
  code.startsWith('Arrow')
    ? 'input, textarea, select, dialog, [contenteditable]'
    : 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]'

const byKeys = (keys: ReadonlySet<string>): Steering => {
  let [dx, dy] = [0, 0]
  for (const key of keys) {
    const [x, y] = DIRECTIONS[key] ?? [0, 0]
    dx += x * FULL
    dy += y * FULL
  }
  return legalSteering(Math.max(-FULL, Math.min(FULL, dx)), Math.max(-FULL, Math.min(FULL, dy)))
}

/** In sixteen strengths, so that a hand that trembles says nothing new. */
const towards = (from: Place, to: Place, fullPx: number): Steering => {
  const coarse = (px: number): number => Math.round((px / fullPx) * 16) * (FULL / 16)
  return legalSteering(coarse(to.x - from.x), coarse(to.y - from.y))
}
