/** The game, plainly: the arena on a canvas, steered with keys or a held pointer, and the scores. */
import { type JSX, useEffect, useRef, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { colourOf, draw } from './drawing.ts'
import { ARENA, FULL, GOAL, legalSteering, type Place, STILL, type Steering } from './simulation.ts'
import { type Sighting, Voyage } from './voyage.ts'
import './game.css'

export interface GameProps {
  readonly arena?: string
  readonly person: { readonly name: string }
}

const SCORES_MS = 250

export const Game = ({ arena = 'harbour', person: { name } }: GameProps): JSX.Element => {
  const client = useClient()
  const { status } = useConnection()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [voyage, setVoyage] = useState<Voyage>()
  const [seen, setSeen] = useState<Sighting>()
  useEffect(() => {
    if (canvas.current === null) return
    const sailing = new Voyage(client, arena)
    setVoyage(sailing)
    const stop = sail(sailing, canvas.current, setSeen)
    return () => {
      stop()
      sailing.close()
      setSeen(undefined)
    }
  }, [client, arena])
  useEffect(() => voyage?.enter(name), [voyage, name])
  const nameOf = (id: number | undefined): string => (id !== undefined && voyage?.roster.get(id)?.name) || '…'
  const { newest, own } = seen ?? {}
  const told = (): string => {
    if (status !== 'connected') return 'Connecting …'
    if (newest?.winner !== undefined) return `${nameOf(newest.winner)} wins the round.`
    return own === undefined ? 'Waiting for a ship …' : 'Arrow keys, or hold the pointer.'
  }
  return (
    <div className="game">
      <canvas
        ref={canvas}
        width={ARENA.width}
        height={ARENA.height}
        tabIndex={0}
        role="application"
        aria-label="The arena. Steer with the arrow keys, or hold the pointer where you want to go."
      />
      <p className="game-note">
        <span role="status">{told()}</span> Dots count one point, with the crown two. First to {GOAL}.
      </p>
      <ol className="game-scores" aria-label="Scores">
        {newest?.ships
          .toSorted((a, b) => b.score - a.score || a.id - b.id)
          .map(({ id, score, bot, motion }) => (
            <li key={id} data-own={id === own?.id || undefined} data-x={motion.x} data-y={motion.y}>
              <span className="game-ship" style={{ background: colourOf(id) }} aria-hidden="true" />
              {nameOf(id)}
              <span className="game-note">{id === own?.id ? 'you' : bot && 'bot'}</span>
              <b>{score}</b>
            </li>
          ))}
      </ol>
    </div>
  )
}

/** Draws each frame while somebody looks, and says what is seen now and then; returns what ends that. */
const sail = (voyage: Voyage, canvas: HTMLCanvasElement, tell: (seen?: Sighting) => void): (() => void) => {
  const ends = new AbortController()
  const hand = handOn(canvas, ends.signal)
  let own: Place | undefined
  let request = 0
  let toldMs = 0
  const frame = (nowMs: number): void => {
    request = requestAnimationFrame(frame)
    const seen = voyage.see(nowMs, hand(own))
    own = seen?.own && seen.places.get(seen.own)
    draw(canvas, seen)
    if (nowMs - toldMs < SCORES_MS) return
    toldMs = nowMs
    tell(seen)
  }
  const look = (): void => {
    cancelAnimationFrame(request)
    if (document.hidden) return voyage.pause()
    voyage.resume()
    request = requestAnimationFrame(frame)
  }
  document.addEventListener('visibilitychange', look, { signal: ends.signal })
  look()
  return () => {
    ends.abort()
    cancelAnimationFrame(request)
  }
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-FULL, 0],
  ArrowRight: [FULL, 0],
  ArrowUp: [0, -FULL],
  ArrowDown: [0, FULL],
}
/** A pointer this near the ship slows it down, in units. */
const CLOSE = 120

/** Where the hand steers to now: by keys, else to where the pointer is held. */
const handOn = (canvas: HTMLCanvasElement, signal: AbortSignal): ((own?: Place) => Steering) => {
  const keys = new Set<string>()
  let pointer: Place | undefined
  const press = (event: KeyboardEvent): void => {
    if (!(event.code in KEYS) || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    keys.add(event.code)
  }
  addEventListener('keydown', press, { signal })
  addEventListener('keyup', ({ code }) => keys.delete(code), { signal })
  addEventListener('blur', () => keys.clear(), { signal })
  const point = ({ offsetX, offsetY, buttons }: PointerEvent): void => {
    const scale = ARENA.width / canvas.clientWidth
    pointer = buttons === 0 ? undefined : { x: offsetX * scale, y: offsetY * scale }
  }
  for (const name of ['pointerdown', 'pointermove', 'pointerup'] as const)
    canvas.addEventListener(name, point, { signal })
  canvas.addEventListener('pointercancel', () => (pointer = undefined), { signal })
  return (own) => {
    if (keys.size > 0) {
      const pressed = Object.entries(KEYS).filter(([key]) => keys.has(key))
      const along = (axis: 0 | 1): number => pressed.reduce((sum, [, way]) => sum + way[axis], 0)
      return legalSteering(along(0), along(1))
    }
    if (pointer === undefined || own === undefined) return STILL
    return legalSteering(((pointer.x - own.x) / CLOSE) * FULL, ((pointer.y - own.y) / CLOSE) * FULL)
  }
}
