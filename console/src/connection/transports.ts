/** The four transports as people read of them. Their colours are in examples/tokens.css, their glyphs in transport-glyph.tsx. */
import type { TransportName } from 'holdfast'

export const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

export const TITLES: Readonly<Record<TransportName, string>> = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-polling': 'Long polling',
  polling: 'Polling',
}

export const EXPLANATIONS: Readonly<Record<TransportName, string>> = {
  websocket: 'Both ways, one connection',
  sse: 'One answer that never ends',
  'long-polling': 'Each request held until there is news',
  polling: 'Asks again and again',
}
