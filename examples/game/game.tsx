/** The game, plainly: the arena on a canvas, steered with keys or a held pointer, and the scores. */
import { type JSX, useEffect, useRef, useState } from 'react'
import { Player } from 'holdfast/netcode'
import { useClient, useConnection, useLatest, usePresence } from 'holdfast/react'
import type { Entrant } from './arena.ts'
import { colourOf, draw } from './drawing.ts'
import { game } from './game-rules.ts'
import { ARENA, FULL, GOAL, GOLD, legalSteering, type Place } from './simulation.ts'
import { type State, STILL, type Steering } from './simulation.ts'
import './game.css'

export const Game = ({ person: { name } }: { readonly person: { readonly name: string } }): JSX.Element => {
  const client = useClient()
  const { status, member } = useConnection()
  usePresence('game/harbour', { name })
  const roster = useLatest<Entrant | null>('game/harbour/roster')
  const nameOf = (id: number): string => roster.get(String(id))?.data?.name ?? '…'
  const [key] = [...roster].find(([, { data }]) => member !== undefined && data?.member === member) ?? []
  const own = key === undefined ? undefined : Number(key)
  const number = useRef(own)
  useEffect(() => {
    number.current = own
  })

  const canvas = useRef<HTMLCanvasElement>(null)
  const [state, setState] = useState<State>()
  useEffect(() => {
    const { current: drawn } = canvas
    if (drawn === null) return
    const ends = new AbortController()
    const channels = { states: 'game/harbour/state', inputs: 'game/harbour/input' }
    const player = new Player(client, game, { ...channels, player: () => number.current })
    player.on(() => setState(player.newest?.state))
    player.animate(handOn(drawn, ends.signal), (seen) => draw(drawn, seen))
    return () => {
      ends.abort()
      player.close()
      setState(undefined)
    }
  }, [client])

  const told = (): string => {
    if (status !== 'connected') return 'Connecting …'
    if (state?.winner !== undefined) return `${nameOf(state.winner)} wins the round.`
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
        <span role="status">{told()}</span> A dot counts one point, gold {GOLD}. First to {GOAL}.
      </p>
      <ol className="game-scores" aria-label="Scores">
        {state?.ships
          .toSorted((a, b) => b.score - a.score || a.id - b.id)
          .map(({ id, score, bot, motion }) => (
            <li key={id} data-own={id === own || undefined} data-x={motion.x} data-y={motion.y}>
              <span className="game-ship" style={{ background: colourOf(id) }} aria-hidden="true" />
              {nameOf(id)}
              <span className="game-note">{id === own ? 'you' : bot && 'bot'}</span>
              <b>{score}</b>
            </li>
          ))}
      </ol>
    </div>
  )
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
  for (const name of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const)
    canvas.addEventListener(name, point, { signal })
  return (own) => {
    const [dx, dy] = [...keys]
      .map((key) => KEYS[key] ?? [0, 0])
      .reduce(([x, y], by) => [x + by[0], y + by[1]], [0, 0])
    if (keys.size > 0) return legalSteering(dx, dy)
    if (pointer === undefined || own === undefined) return STILL
    return legalSteering(((pointer.x - own.x) / CLOSE) * FULL, ((pointer.y - own.y) / CLOSE) * FULL)
  }
}
