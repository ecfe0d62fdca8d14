/** Bytes to be read: hexadecimal and text side by side, in parts that each say what they are. */
import { type JSX, useState } from 'react'
import { hexadecimal } from 'holdfast/websocket/frames'

export interface BytePart {
  readonly name: string
  /** Which colour it has: of a frame's fields, or of heads and bodies. */
  readonly role: 'header' | 'key' | 'payload' | 'head' | 'body'
  readonly bytes: Uint8Array
}

const ROW_BYTES = 16
const MOST_BYTES = 1_024

interface Cell {
  readonly byte: number
  readonly role: BytePart['role']
}

const rowsOf = (parts: readonly BytePart[]): Cell[][] => {
  const cells = parts.flatMap(({ role, bytes }) =>
    Array.from(bytes.subarray(0, MOST_BYTES), (byte): Cell => ({ byte, role })),
  )
  const rows: Cell[][] = []
  for (let at = 0; at < Math.min(cells.length, MOST_BYTES); at += ROW_BYTES) {
    rows.push(cells.slice(at, at + ROW_BYTES))
  }
  return rows
}

/** @param more bytes beyond those of the parts, which were not kept. */
export const ByteView = ({ parts, more = 0 }: { parts: readonly BytePart[]; more?: number }): JSX.Element => {
  const rows = rowsOf(parts)
  const length = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const unseen = Math.max(0, length - MOST_BYTES) + more
  return (
    <figure className="bytes">
      <figcaption>
        <ul className="bytes-key">
          {parts
            .filter(({ bytes }) => bytes.length > 0)
            .map(({ name, role, bytes }) => (
              <li key={name} data-role={role}>
                {name} <span className="number">{bytes.length.toLocaleString('en')}</span>
              </li>
            ))}
        </ul>
        <CopyHex parts={parts} />
      </figcaption>
      <div className="bytes-rows" tabIndex={0} role="group" aria-label="Bytes, in hexadecimal and as text">
        {rows.map((row, index) => (
          <div className="bytes-row" key={index}>
            <span className="bytes-offset">{(index * ROW_BYTES).toString(16).padStart(4, '0')}</span>
            <span className="bytes-hex">
              {runsOf(row, (byte) => byte.toString(16).padStart(2, '0'), ' ')}
            </span>
            <span className="bytes-text">
              {runsOf(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'), '')}
            </span>
          </div>
        ))}
      </div>
      {unseen > 0 && <p className="quiet">and {unseen.toLocaleString('en')} bytes more</p>}
    </figure>
  )
}

/** Neighbours of one role stand in one element. */
const runsOf = (row: readonly Cell[], draw: (byte: number) => string, between: string): JSX.Element[] => {
  const runs: { role: BytePart['role']; text: string[] }[] = []
  for (const { byte, role } of row) {
    const run = runs.at(-1)
    if (run?.role === role) run.text.push(draw(byte))
    else runs.push({ role, text: [draw(byte)] })
  }
  return runs.map(({ role, text }, index) => (
    <span key={index} data-role={role}>
      {text.join(between)}
    </span>
  ))
}

const CopyHex = ({ parts }: { parts: readonly BytePart[] }): JSX.Element => {
  const [said, setSaid] = useState('Copy as hex')
  const copy = (): void => {
    const text = parts.map(({ bytes }) => hexadecimal(bytes)).join('')
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not let it be copied'),
    )
  }
  return (
    <button type="button" className="button small" onClick={copy} onBlur={() => setSaid('Copy as hex')}>
      <span aria-live="polite">{said}</span>
    </button>
  )
}
