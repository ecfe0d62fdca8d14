/** What can be done to the inspected connection, and to the list of what passes on it. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { type TransportName, TransportError } from 'holdfast'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES, TRANSPORTS } from '../connection/transports.ts'
import type { Inspection } from './inspection.ts'

export interface ControlsProps {
  readonly inspection: Inspection
  readonly paused: boolean
  readonly onPause: (paused: boolean) => void
  readonly onClear: () => void
  /** Leaves this connection and opens another. */
  readonly onAgain: () => void
}

/** What pages may close a WebSocket with; the rest belongs to the protocol. */
const CLOSE_CODES = [1000, 3000, 4000, 4999] as const

export const Controls = (props: ControlsProps): JSX.Element => {
  const { inspection, paused, onPause, onClear, onAgain } = props
  const [failure, setFailure] = useState<string>()
  const attempt = (work: Promise<unknown>): void => {
    setFailure(undefined)
    work.catch((error: unknown) => {
      if (error instanceof TransportError && error.code === 'superseded') return
      setFailure(`That could not be done: ${(error as Error).message}.`)
    })
  }
  const over = inspection.connection?.transport
  return (
    <div className="inspector-controls">
      <TransportPick inspection={inspection} attempt={attempt} />
      <Compose inspection={inspection} attempt={attempt} />
      <div className="inspector-actions" role="group" aria-label="The connection and the list">
        {over === 'websocket' && <CloseWith inspection={inspection} />}
        <button type="button" className="button small" aria-pressed={paused} onClick={() => onPause(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" className="button small" onClick={onClear}>
          Clear
        </button>
        <button type="button" className="button small" onClick={onAgain}>
          Open another
        </button>
      </div>
      <p className="failure" role="alert">
        {failure}
      </p>
      <Silence inspection={inspection} />
    </div>
  )
}

interface PartProps {
  readonly inspection: Inspection
  readonly attempt: (work: Promise<unknown>) => void
}

const TransportPick = ({ inspection, attempt }: PartProps): JSX.Element => {
  const name = useId()
  const [asked, setAsked] = useState<TransportName>()
  const [stripped, setStripped] = useState(false)
  const { connection } = inspection
  const choose = (transport: TransportName): void => {
    setAsked(transport)
    attempt(inspection.use(transport).finally(() => setAsked(undefined)))
  }
  return (
    <fieldset className="inspector-transport">
      <legend className="visually-hidden">Transport of the inspected connection</legend>
      <div className="segments">
        {TRANSPORTS.map((each) => (
          <label key={each} data-transport={each}>
            <input
              type="radio"
              name={name}
              checked={(asked ?? connection?.transport) === each}
              onChange={() => choose(each)}
            />
            <span className="segment-text">
              <TransportGlyph transport={each} />
              {TITLES[each]}
            </span>
          </label>
        ))}
      </div>
      <label className="inspector-check">
        <input
          type="checkbox"
          checked={stripped}
          onChange={({ target }) => {
            setStripped(target.checked)
            attempt(inspection.allowUpgrade(target.checked ? 'stripped' : 'passed'))
          }}
        />
        A proxy in between that drops Upgrade
      </label>
    </fieldset>
  )
}

const Compose = ({ inspection, attempt }: PartProps): JSX.Element => {
  const [text, setText] = useState('Hello')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    attempt(inspection.send(text))
  }
  const ready = inspection.stage.name === 'open'
  return (
    <form className="inspector-compose" onSubmit={send}>
      <input
        type="text"
        aria-label="Text to send or to publish"
        maxLength={20_000}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button small" disabled={!ready}>
        <span aria-hidden="true">↑</span> Send
      </button>
      <button
        type="button"
        className="button small"
        disabled={!ready}
        title="As somebody else would, so that the node has news for this connection"
        onClick={() => attempt(inspection.publish(text))}
      >
        <span aria-hidden="true">↓</span> Publish
      </button>
    </form>
  )
}

const CloseWith = ({ inspection }: { inspection: Inspection }): JSX.Element => {
  const [code, setCode] = useState<number>(4000)
  return (
    <span className="inspector-close">
      <button type="button" className="button small" onClick={() => inspection.closeSocket(code, 'as asked')}>
        Close with
      </button>
      <select aria-label="Close code" value={code} onChange={({ target }) => setCode(Number(target.value))}>
        {CLOSE_CODES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </span>
  )
}

/** Where nothing can be seen for a reason that the person can do something about. */
const Silence = ({ inspection }: { inspection: Inspection }): JSX.Element | false => {
  const { stage, connection, tally } = inspection
  if (stage.name !== 'open' || connection === undefined) return false
  if (connection.status === 'connected' || tally.up > 0 || connection.error === undefined) return false
  return (
    <p className="inspector-silence" role="status">
      Nothing reaches <code>{stage.url}</code>, where the inspected connection goes. If the node runs in a
      container or behind a tunnel, let the browser reach that port too.
    </p>
  )
}
