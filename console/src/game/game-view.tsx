/** The game as a person sees it: the arena, what is going on in it in words, and how it reaches them. */
import { type CSSProperties, type JSX, useEffect, useRef, useState } from 'react'
import { useClient, useConnection } from 'holdfast/react'
import { Drawing, shipColour } from './drawing.ts'
import { Hand } from './hand.ts'
import { GOAL, GOLD } from '../../../examples/game/simulation.ts'
import { type Standing, type Standings, Sailing } from './sailing.ts'
import './game-page.css'

export interface GameProps {
  readonly arena: string
  readonly person: { readonly name: string }
}

export const Game = ({ arena, person: { name } }: GameProps): JSX.Element => {
  const client = useClient()
  const canvas = useRef<HTMLCanvasElement>(null)
  const voyage = useRef<Sailing>(undefined)
  const [standings, setStandings] = useState<Standings>()
  useEffect(() => {
    if (canvas.current === null) return
    const sailing = new Sailing(client, arena)
    voyage.current = sailing
    const stopListening = sailing.on(() => setStandings(sailing.standings))
    const letGo = sail(sailing, canvas.current)
    return () => {
      stopListening()
      sailing.close()
      letGo()
      setStandings(undefined)
    }
  }, [client, arena])
  useEffect(() => voyage.current?.enter(name), [client, arena, name])
  return (
    <div className="game">
      <div className="game-arena">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label="The arena. Steer with the arrow keys or with W, A, S and D."
        />
        <Overlay standings={standings} />
      </div>
      <p className="game-controls quiet">
        <span className="game-by-keys">Arrow keys or WASD, or hold the mouse where you want to go.</span>
        <span className="game-by-touch">Drag anywhere in the arena to steer.</span>
      </p>
      <Scores standings={standings} />
      <Numbers standings={standings} />
      <Announcer standings={standings} />
    </div>
  )
}

/** Steers and draws until the voyage ends; returns what lets go of the canvas. */
const sail = (voyage: Sailing, canvas: HTMLCanvasElement): (() => void) => {
  const hand = new Hand(canvas)
  const drawing = new Drawing(canvas)
  voyage.player.animate(
    (own) => hand.steering(own && drawing.onScreen(own)),
    (seen) => drawing.draw(seen && voyage.frame(seen), hand.drag, performance.now()),
  )
  return () => {
    hand.release()
    drawing.release()
  }
}

const Overlay = ({ standings }: { standings: Standings | undefined }): JSX.Element | false => {
  const { status } = useConnection()
  if (status === 'closed')
    return <p className="game-overlay">The node refused the connection. Reload to try again.</p>
  if (status === 'offline') return <p className="game-overlay">You are offline. Your ship waits for you.</p>
  if (standings === undefined) return <p className="game-overlay">Joining …</p>
  if (status !== 'connected') return <p className="game-overlay">Reconnecting … Your ship waits for you.</p>
  const { winner, own } = standings
  if (winner !== undefined)
    return (
      <p className="game-overlay">
        <strong>{winner.own ? 'You win' : `${winner.name} wins`} the round.</strong> The next one is about to
        begin.
      </p>
    )
  const full = own === undefined && standings.ships.length >= 16
  return full && <p className="game-overlay">The arena is full. You are watching.</p>
}

const Scores = ({ standings }: { standings: Standings | undefined }): JSX.Element => (
  <section className="game-scores" aria-labelledby="game-scores-heading">
    <h2 id="game-scores-heading">
      Scores{' '}
      <span className="quiet">
        gold counts {GOLD}, first to {GOAL}
      </span>
    </h2>
    <ol>
      {standings?.ships.map((ship) => (
        <Score key={ship.id} ship={ship} />
      ))}
    </ol>
  </section>
)

const Score = ({ ship: { id, name, score, own, bot, away, x, y } }: { ship: Standing }): JSX.Element => (
  <li data-own={own || undefined} data-away={away || undefined} data-x={x} data-y={y}>
    <span
      className="game-ship"
      data-bot={bot || undefined}
      style={{ '--light': shipColour(id, false), '--dark': shipColour(id, true) } as CSSProperties}
      aria-hidden="true"
    />
    <span className="game-name">{name}</span>
    <span className="quiet">{[own && 'you', bot && 'bot', away && 'away'].filter(Boolean).join(', ')}</span>
    <span className="game-score number">{score}</span>
  </li>
)

/** What the network does to the game, as it is measured. */
const Numbers = ({ standings }: { standings: Standings | undefined }): JSX.Element => {
  const { latenessMs = 0, leadMs = 0, error, inputs, tick, own } = standings ?? {}
  const rounded = (ms: number): string => `${Math.round(ms / 10) * 10} ms`
  return (
    <section
      className="game-numbers"
      aria-label="What the network does to the game"
      data-tick={tick}
      data-x={own?.x}
      data-y={own?.y}
      data-sent={inputs?.sent}
      data-applied={inputs?.applied}
      data-missed={inputs?.missed}
      data-error-half={error?.p50}
      data-error={error?.p95}
      data-error-max={error?.max}
      data-late={latenessMs}
    >
      <p>
        You see the others <b className="number">{standings ? rounded(latenessMs) : '–'}</b> late. Your own
        ship moves at once, <b className="number">{standings ? rounded(leadMs) : '–'}</b> before the server
        hears of it.
      </p>
      <p className="quiet">
        This page draws your ship where it will be: 95 of 100 guesses were off by{' '}
        <span className="number">{error?.p95.toFixed(1) ?? '–'}</span> units or less; the ship is 48 wide.{' '}
        <span className="number">{inputs?.applied ?? 0}</span> inputs applied,{' '}
        <span className="number">{inputs?.missed ?? 0}</span> missed.
      </p>
    </section>
  )
}

/** Only what changes the game for everybody. */
const Announcer = ({ standings }: { standings: Standings | undefined }): JSX.Element => {
  const { winner } = standings ?? {}
  const [told, setTold] = useState('')
  const round = winner && `${winner.own ? 'You win' : `${winner.name} wins`} the round.`
  useEffect(() => {
    if (round !== undefined) setTold(round)
  }, [round])
  return (
    <p className="visually-hidden" role="status">
      {told}
    </p>
  )
}
