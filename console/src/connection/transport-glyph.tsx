/** A drawing for each transport, so that colour is never the only sign: how bytes travel, from server to page. */
import type { TransportName } from 'holdfast'
import type { JSX } from 'react'

const PATHS: Readonly<Record<TransportName, string>> = {
  // Two arrows at once.
  websocket: 'M2 5.5h11.5M10.5 2.5l3 3-3 3M14 10.5H2.5M5.5 7.5l-3 3 3 3',
  // A stream that goes on.
  sse: 'M2 8h8M10 4.5 13.5 8 10 11.5M2 4h3.5M2 12h3.5',
  // A request, held between two bars, then an answer.
  'long-polling': 'M3 2.5v11M13 2.5v11M5.5 8h5M8.2 5.7 10.5 8 8.2 10.3',
  // Round and round.
  polling: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.2 1.8v3h-3',
}

export const TransportGlyph = ({ transport }: { transport: TransportName }): JSX.Element => (
  <svg className="glyph" data-transport={transport} viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[transport]} />
  </svg>
)
