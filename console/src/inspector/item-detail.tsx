/** What is selected, explained. */
import type { JSX } from 'react'
import { ByteView } from './byte-view.tsx'
import { ExchangeDetail } from './exchange-detail.tsx'
import { FrameDetail } from './frame-detail.tsx'
import type { Inspection } from './inspection.ts'
import type { EventItem, Item, MarkItem } from './items.ts'
import { pretty } from './pretty.ts'
import { bytesText, MARKS, secondsText } from './words.ts'

export interface ItemDetailProps {
  readonly inspection: Inspection
  readonly item: Item | undefined
}

export const ItemDetail = ({ inspection, item }: ItemDetailProps): JSX.Element => {
  if (item === undefined) return <p className="quiet">Select a line to see what it is made of.</p>
  const at = secondsText(inspection.since(item.timeMs))
  switch (item.kind) {
    case 'frame':
      return <FrameDetail key={item.key} item={item} at={at} />
    case 'exchange':
      return <ExchangeDetail key={item.key} inspection={inspection} exchange={item} at={at} />
    case 'event':
      return <EventDetail item={item} at={at} />
    default:
      return <MarkDetail item={item} at={at} />
  }
}

const EventDetail = ({ item, at }: { item: EventItem; at: string }): JSX.Element => {
  const data = new TextEncoder().encode(item.data).length
  return (
    <>
      <header className="detail-header">
        <h2>{item.comment ? 'A comment in the event stream' : 'An event of the stream'}</h2>
        <p className="quiet number">
          at {at}, connection {item.connection}
        </p>
      </header>
      <p>
        {item.comment
          ? 'It says nothing. It keeps proxies from taking the connection for dead.'
          : `A piece of an answer that goes on: ${bytesText(item.wireBytes)}, of which ${bytesText(item.wireBytes - data)} are the words and line ends of the format (HTML §9.2.6).`}
      </p>
      {!item.comment && <pre className="body-text">{pretty(item.data)}</pre>}
      <ByteView
        parts={[{ name: 'Event', role: 'body', bytes: item.bytes }]}
        more={item.wireBytes - item.bytes.length}
      />
    </>
  )
}

const MarkDetail = ({ item, at }: { item: MarkItem; at: string }): JSX.Element => (
  <>
    <header className="detail-header">
      <h2>{MARKS[item.what]}</h2>
      <p className="quiet number">
        at {at}, connection {item.connection}
      </p>
    </header>
    {item.what === 'missed' && (
      <p>
        More passed than is told to this page in a second. The connection itself goes on; open another to see
        one from its beginning.
      </p>
    )}
  </>
)
