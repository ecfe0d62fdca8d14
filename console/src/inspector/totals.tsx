/** How many bytes passed, how many of them carried something, and what the network counted by itself. */
import { type JSX, useEffect } from 'react'
import type { Inspection } from './inspection.ts'
import { bytesText } from './words.ts'

const EVERY_MS = 2_000

export const Totals = ({ inspection }: { inspection: Inspection }): JSX.Element => {
  const { tally, counted } = inspection
  useEffect(() => {
    const timer = setInterval(() => void inspection.count(), EVERY_MS)
    return () => clearInterval(timer)
  }, [inspection])
  const total = tally.up + tally.down
  const overhead = total - tally.payload
  return (
    <footer className="inspector-totals" data-up={tally.up} data-down={tally.down}>
      <p>
        <span className="number">↑ {bytesText(tally.up)}</span>
        <span className="number">↓ {bytesText(tally.down)}</span>
      </p>
      <p>
        <span className="number">{bytesText(tally.payload)}</span> of payload,{' '}
        <span className="number">{bytesText(overhead)}</span> of heads and framing
        {total > 0 && <> ({((100 * overhead) / total).toFixed(0)} %)</>}
      </p>
      {counted && (
        <p className="quiet" data-counted-up={counted.bytesUp} data-counted-down={counted.bytesDown}>
          <span>
            The network counted ↑ <span className="number">{counted.bytesUp.toLocaleString('en')}</span> ↓{' '}
            <span className="number">{counted.bytesDown.toLocaleString('en')}</span>, in {counted.requests}{' '}
            {counted.requests === 1 ? 'request' : 'requests'} on {counted.connections}{' '}
            {counted.connections === 1 ? 'connection' : 'connections'}
          </span>
        </p>
      )}
    </footer>
  )
}
