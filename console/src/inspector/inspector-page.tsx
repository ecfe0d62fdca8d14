/** One connection taken apart: a client of its own, the bytes that pass between it and its node, and what each is for. */
import { type JSX, useEffect, useState, useSyncExternalStore } from 'react'
import type { TransportName } from 'holdfast'
import { useClient } from 'holdfast/react'
import { PageHeader } from '../page/page-header.tsx'
import type { PageProps } from '../page/pages.ts'
import { TRANSPORTS } from '../connection/transports.ts'
import { Controls } from './controls.tsx'
import { Inspection } from './inspection.ts'
import { ItemDetail } from './item-detail.tsx'
import { ItemList } from './item-list.tsx'
import { type Filter, SHOW_ALL, shownItems } from './filter.ts'
import type { Item } from './items.ts'
import { Timeline } from './timeline.tsx'
import { Totals } from './totals.tsx'
import './inspector.css'

const transportOf = (text: string | undefined): TransportName =>
  TRANSPORTS.find((each) => each === text) ?? 'websocket'

export const View = ({ rest }: PageProps): JSX.Element => {
  const main = useClient()
  // Which transport it begins with can be linked to; what is chosen later is the inspection's own.
  const [first] = useState(() => transportOf(rest[0]))
  const [round, setRound] = useState(0)
  const [inspection, setInspection] = useState<Inspection>()
  useEffect(() => {
    const opened = new Inspection(main, first)
    setInspection(opened)
    return () => opened.end()
  }, [main, first, round])
  return (
    <main className="inspector">
      <PageHeader
        title="Inspector"
        summary="One connection taken apart: every byte, both ways, and what it is for."
      />
      {inspection && <Opened inspection={inspection} onAgain={() => setRound(round + 1)} />}
    </main>
  )
}

interface OpenedProps {
  readonly inspection: Inspection
  readonly onAgain: () => void
}

const Opened = ({ inspection, onAgain }: OpenedProps): JSX.Element => {
  const version = useSyncExternalStore(inspection.listen, inspection.version)
  const [filter, setFilter] = useState<Filter>(SHOW_ALL)
  const [frozen, setFrozen] = useState<readonly Item[]>()
  const [chosen, setChosen] = useState<Item>()
  const present = frozen ?? inspection.items
  const items = shownItems(present, filter)
  // Until something is chosen, what began it all is explained.
  const selected = chosen ?? items.find(({ kind }) => kind === 'exchange')
  if (inspection.stage.name === 'failed') {
    return (
      <div className="inspector-failure" role="alert">
        <p>
          <strong>No connection can be inspected.</strong> {explain(inspection.stage.message)}
        </p>
        <button type="button" className="button" onClick={onAgain}>
          Try again
        </button>
      </div>
    )
  }
  return (
    <>
      <Controls
        inspection={inspection}
        paused={frozen !== undefined}
        onPause={(paused) => setFrozen(paused ? [...inspection.items] : undefined)}
        onClear={() => {
          inspection.clear()
          setChosen(undefined)
          if (frozen) setFrozen([])
        }}
        onAgain={() => {
          setFrozen(undefined)
          setChosen(undefined)
          onAgain()
        }}
      />
      <Timeline
        inspection={inspection}
        items={present}
        still={frozen !== undefined}
        chosen={selected}
        onChoose={setChosen}
      />
      <div className="inspector-split">
        <ItemList
          inspection={inspection}
          items={items}
          version={version}
          hidden={present.length - items.length}
          newer={frozen === undefined ? 0 : (inspection.items.at(-1)?.key ?? 0) - (frozen.at(-1)?.key ?? 0)}
          filter={filter}
          onFilter={setFilter}
          selected={selected}
          onSelect={setChosen}
        />
        <section className="item-detail" aria-label="What is selected" tabIndex={0}>
          <ItemDetail inspection={inspection} item={selected} />
        </section>
      </div>
      <Totals inspection={inspection} />
    </>
  )
}

/** What the node said, without what was being attempted. */
const explain = (message: string): string => {
  if (/no method/.test(message))
    return 'This node has no inspector: it runs only on a node for development, as `npm start` runs it.'
  const said = message.replace(/^call [^:]*: /, '')
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}
