/** What is seen of the arena, on a canvas of its size, in the colours of the page. */
import type { Sight } from 'holdfast/netcode'
import { ARENA, DOT_RADIUS, type Motion, type Place, SHIP_RADIUS, type State } from './simulation.ts'

/** A step of the golden angle each, so that they can be told apart. */
export const colourOf = (id: number): string => `hsl(${Math.round(200 + id * 137.5) % 360} 50% 52%)`

const GOLDEN = 'hsl(42 85% 50%)'

export const draw = (canvas: HTMLCanvasElement, seen: Sight<State, Motion> | undefined): void => {
  const context = canvas.getContext('2d')
  if (context === null) return
  const disc = ({ x, y }: Place, radius: number, colour: string): void => {
    context.fillStyle = colour
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fill()
  }
  context.clearRect(0, 0, ARENA.width, ARENA.height)
  const ink = getComputedStyle(canvas).color
  seen?.shown.state.dots.forEach((dot, index) =>
    index === 0 ? disc(dot, 2 * DOT_RADIUS, GOLDEN) : disc(dot, DOT_RADIUS, ink),
  )
  for (const { id, away, motion } of seen?.newest.state.ships ?? []) {
    const at = seen?.bodyOf(id) ?? motion
    context.globalAlpha = away ? 0.35 : 1
    if (id === seen?.player) disc(at, SHIP_RADIUS + 4, ink)
    disc(at, SHIP_RADIUS, colourOf(id))
  }
  context.globalAlpha = 1
}
