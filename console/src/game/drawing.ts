/**
 * The arena on a canvas: as crisp as the screen, in the colours of the page. It shows the whole arena where there is
 * room for it, and follows the own ship where there is not. It reads frames and keeps only what fades.
 */
import { type Drag, DRAG_PX } from './hand.ts'
import { ARENA, DOT_RADIUS, type Place, SHIP_RADIUS } from '../../../examples/game/simulation.ts'
import type { DrawnShip, Frame } from './sailing.ts'

/** Smaller than this, in pixels per unit, a ship could not be made out: then only a part of the arena is shown. */
const MIN_SCALE = 0.46
const RIPPLE_MS = 320
const WAKE_LENGTH = 14

const NAMES = ['paper', 'side', 'line', 'line-strong', 'ink', 'ink-quiet'] as const
type Palette = Readonly<Record<(typeof NAMES)[number], string>> & {
  readonly dark: boolean
  readonly font: string
}

interface Camera {
  readonly scale: number
  /** Where the arena's corner is, in pixels. */
  readonly left: number
  readonly top: number
}

export class Drawing {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #ends = new AbortController()
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #observer: MutationObserver
  readonly #wakes = new Map<number, Place[]>()
  #ripples: { readonly at: Place; readonly sinceMs: number }[] = []
  #palette: Palette
  #camera: Camera = { scale: 1, left: 0, top: 0 }

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D
    this.#palette = paletteOf(canvas)
    const repaint = (): void => {
      this.#palette = paletteOf(canvas)
    }
    const { signal } = this.#ends
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint, { signal })
    this.#observer = new MutationObserver(repaint)
    this.#observer.observe(document.documentElement, { attributes: true })
  }

  release(): void {
    this.#ends.abort()
    this.#observer.disconnect()
  }

  /** Where a place of the arena was drawn last, in pixels of the page. */
  onScreen({ x, y }: Place): Place {
    const { scale, left, top } = this.#camera
    return { x: left + x * scale, y: top + y * scale }
  }

  draw(frame: Frame | undefined, drag: Drag | undefined, nowMs: number): void {
    const context = this.#context
    const { width, height } = this.#fit()
    const { ink, side } = this.#palette
    context.fillStyle = side
    context.fillRect(0, 0, width, height)
    this.#camera = cameraFor(width, height, frame?.own)
    const { scale, left, top } = this.#camera
    context.save()
    context.translate(left, top)
    context.scale(scale, scale)
    this.#floor()
    if (frame !== undefined) this.#scene(frame, nowMs)
    context.restore()
    if (frame !== undefined) this.#wayToGold(frame, width, height)
    if (drag !== undefined) this.#stick(drag, ink)
  }

  /** As many pixels as the screen has. */
  #fit(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    const ratio = devicePixelRatio
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w
      this.#canvas.height = h
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
    return { width, height }
  }

  #floor(): void {
    const context = this.#context
    context.fillStyle = this.#palette.paper
    context.fillRect(0, 0, ARENA.width, ARENA.height)
    context.fillStyle = this.#palette.line
    context.fill(MARKS)
    context.strokeStyle = this.#palette.line
    context.lineWidth = 2
    context.strokeRect(0, 0, ARENA.width, ARENA.height)
  }

  #scene(frame: Frame, nowMs: number): void {
    const context = this.#context
    context.fillStyle = this.#palette['ink-quiet']
    for (const dot of frame.dots) {
      if (dot.gold) this.#star(dot, 1)
      else this.#disc(dot, DOT_RADIUS)
    }
    this.#rippling(frame.collected, nowMs)
    // One's own ship lies above the others.
    for (const ship of frame.ships.toSorted((a, b) => Number(a.own) - Number(b.own))) this.#ship(ship)
    for (const id of this.#wakes.keys())
      if (!frame.ships.some((ship) => ship.id === id)) this.#wakes.delete(id)
  }

  #ship(ship: DrawnShip): void {
    const context = this.#context
    const colour = ship.own ? this.#palette.ink : shipColour(ship.id, this.#palette.dark)
    context.globalAlpha = ship.away ? 0.35 : 1
    context.fillStyle = context.strokeStyle = colour
    this.#wake(ship)
    if (ship.bot) {
      context.lineWidth = 5
      context.beginPath()
      context.arc(ship.x, ship.y, SHIP_RADIUS - 2.5, 0, 2 * Math.PI)
      context.fillStyle = this.#palette.paper
      context.fill()
      context.stroke()
    } else this.#disc(ship, SHIP_RADIUS)
    context.fillStyle = this.#palette['ink-quiet']
    context.font = `${Math.round(12 / this.#camera.scale)}px ${this.#palette.font}`
    context.textAlign = 'center'
    context.textBaseline = 'top'
    context.fillText(ship.own ? 'You' : ship.name, ship.x, ship.y + SHIP_RADIUS + 6)
    context.globalAlpha = 1
  }

  #wake(ship: DrawnShip): void {
    if (this.#calm.matches) return
    const wake = this.#wakes.get(ship.id) ?? []
    wake.push({ x: ship.x, y: ship.y })
    if (wake.length > WAKE_LENGTH) wake.shift()
    this.#wakes.set(ship.id, wake)
    const alpha = this.#context.globalAlpha
    wake.forEach((at, index) => {
      const part = index / WAKE_LENGTH
      this.#context.globalAlpha = alpha * 0.06 * part
      this.#disc(at, SHIP_RADIUS * (0.5 + 0.4 * part))
    })
    this.#context.globalAlpha = alpha
  }

  #rippling(collected: readonly Place[], nowMs: number): void {
    if (this.#calm.matches) return
    this.#ripples = this.#ripples.filter(({ sinceMs }) => nowMs - sinceMs < RIPPLE_MS)
    for (const at of collected) this.#ripples.push({ at, sinceMs: nowMs })
    const context = this.#context
    context.strokeStyle = this.#palette['ink-quiet']
    context.lineWidth = 3
    for (const { at, sinceMs } of this.#ripples) {
      const part = (nowMs - sinceMs) / RIPPLE_MS
      context.globalAlpha = 1 - part
      context.beginPath()
      context.arc(at.x, at.y, DOT_RADIUS + part * 30, 0, 2 * Math.PI)
      context.stroke()
    }
    context.globalAlpha = 1
  }

  #star({ x, y }: Place, size: number): void {
    const context = this.#context
    context.save()
    context.translate(x, y)
    context.scale(size, size)
    context.fillStyle = goldColour(this.#palette.dark)
    context.fill(STAR)
    context.restore()
  }

  /** Where the gold is, when it is out of sight. */
  #wayToGold({ dots }: Frame, width: number, height: number): void {
    const place = dots.find(({ gold }) => gold)
    if (place === undefined) return
    const { x, y } = this.onScreen(place)
    if (x >= 0 && x <= width && y >= 0 && y <= height) return
    const edge = { x: Math.max(18, Math.min(width - 18, x)), y: Math.max(18, Math.min(height - 18, y)) }
    this.#context.globalAlpha = 0.7
    this.#star(edge, 0.7)
    this.#context.globalAlpha = 1
  }

  /** The finger's own place to steer from. */
  #stick({ from, to }: Drag, ink: string): void {
    const context = this.#context
    const length = Math.hypot(to.x - from.x, to.y - from.y)
    const part = length > DRAG_PX ? DRAG_PX / length : 1
    context.strokeStyle = context.fillStyle = ink
    context.globalAlpha = 0.25
    context.lineWidth = 2
    context.beginPath()
    context.arc(from.x, from.y, DRAG_PX, 0, 2 * Math.PI)
    context.stroke()
    this.#disc({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }, 20)
    context.globalAlpha = 1
  }

  #disc({ x, y }: Place, radius: number): void {
    this.#context.beginPath()
    this.#context.arc(x, y, radius, 0, 2 * Math.PI)
    this.#context.fill()
  }
}

/** A mark each hundred units, so that one sees oneself move. */
const marks = (): Path2D => {
  const path = new Path2D()
  for (let x = 100; x < ARENA.width; x += 100) {
    for (let y = 100; y < ARENA.height; y += 100) path.rect(x - 1.5, y - 1.5, 3, 3)
  }
  return path
}
const MARKS = marks()

/** Five points, and as many between them. */
const star = (): Path2D => {
  const path = new Path2D()
  for (let point = 0; point < 10; point++) {
    const turn = (point * Math.PI) / 5
    const radius = point % 2 === 0 ? 18 : 8.5
    path.lineTo(radius * Math.sin(turn), -radius * Math.cos(turn))
  }
  path.closePath()
  return path
}
const STAR = star()

/** Ships that are not one's own, in colours that can be told apart: a step of the golden angle each. */
export const shipColour = (id: number, dark: boolean): string =>
  `hsl(${Math.round(200 + id * 137.5) % 360} ${dark ? '48% 66%' : '50% 42%'})`

const goldColour = (dark: boolean): string => (dark ? 'hsl(44 80% 62%)' : 'hsl(40 92% 40%)')

/** Custom properties as colours that a canvas knows: `light-dark()` is resolved only where a colour is used. */
const paletteOf = (canvas: HTMLCanvasElement): Palette => {
  const before = canvas.style.color
  const colours = NAMES.map((name) => {
    canvas.style.color = `var(--${name})`
    return [name, getComputedStyle(canvas).color] as const
  })
  canvas.style.color = 'light-dark(#000000, #ffffff)'
  const { color, fontFamily: font } = getComputedStyle(canvas)
  const dark = color === 'rgb(255, 255, 255)'
  canvas.style.color = before
  return { ...(Object.fromEntries(colours) as Record<(typeof NAMES)[number], string>), dark, font }
}

const cameraFor = (width: number, height: number, own: Place | undefined): Camera => {
  const scale = Math.max(Math.min(width / ARENA.width, height / ARENA.height), MIN_SCALE)
  const along = (view: number, length: number, at: number): number =>
    length * scale <= view
      ? (view - length * scale) / 2
      : Math.min(0, Math.max(view - length * scale, view / 2 - at * scale))
  const { x, y } = own ?? { x: ARENA.width / 2, y: ARENA.height / 2 }
  return { scale, left: along(width, ARENA.width, x), top: along(height, ARENA.height, y) }
}
