/** What is seen of the arena, on a canvas of its size, in the colours of the page. */
import { ARENA, DOT_RADIUS, type Place, SHIP_RADIUS } from './simulation.ts'
import type { Sighting } from './voyage.ts'

/** A step of the golden angle each, so that they can be told apart. */
export const colourOf = (id: number): string => `hsl(${Math.round(200 + id * 137.5) % 360} 50% 52%)`

const CROWN = 'hsl(42 85% 50%)'

export const draw = (canvas: HTMLCanvasElement, seen: Sighting | undefined): void => {
  const context = canvas.getContext('2d')
  if (context === null) return
  const disc = ({ x, y }: Place, radius: number, colour: string): void => {
    context.fillStyle = colour
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fill()
  }
  context.clearRect(0, 0, ARENA.width, ARENA.height)
  if (seen === undefined) return
  const { newest, shown, own, places } = seen
  const ink = getComputedStyle(canvas).color
  for (const dot of shown.dots) disc(dot, DOT_RADIUS, ink)
  if (newest.crown.holder === undefined) disc(newest.crown.at, 2 * DOT_RADIUS, CROWN)
  for (const [ship, at] of places) {
    context.globalAlpha = ship.away ? 0.35 : 1
    if (newest.crown.holder === ship.id) disc(at, SHIP_RADIUS + 8, CROWN)
    if (ship === own) disc(at, SHIP_RADIUS + 4, ink)
    disc(at, SHIP_RADIUS, colourOf(ship.id))
  }
  context.globalAlpha = 1
}
