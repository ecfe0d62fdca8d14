/** The node in numbers, as it is now and per second, and the way to drain it. */
import type { JSX } from 'react'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES } from '../connection/transports.ts'
import { ActButton } from './act-button.tsx'
import type { Overview as Node } from './admin-api.ts'
import { useAsked } from './asked.ts'
import { formatAge, formatBytes, formatNumber, formatRate } from './figures.ts'
import { Trouble } from './trouble.tsx'

const TRANSPORTS = ['websocket', 'sse', 'long-polling', 'polling'] as const
const DRAIN_MS = 30_000

export const Overview = (): JSX.Element => {
  const { answer: node, before, error } = useAsked<Node>('')
  if (node === undefined)
    return error === undefined ? <p className="quiet">Asking the node …</p> : <Trouble error={error} />
  const seconds = before === undefined ? 0 : (node.now - before.now) / 1_000
  const rate = (of: keyof Node['totals']): number | undefined =>
    before === undefined || seconds <= 0 ? undefined : (node.totals[of] - before.totals[of]) / seconds
  const { memory, loop } = node
  const cpu = before === undefined || seconds <= 0 ? undefined : (node.cpuMs - before.cpuMs) / seconds / 10
  const refusals = Object.entries(node.refusals).toSorted(([, a], [, b]) => b - a)
  return (
    <>
      <Trouble error={error} />
      <section className="admin-block" aria-labelledby="admin-traffic">
        <h2 id="admin-traffic">Per second</h2>
        <dl className="admin-figures">
          <Figure
            name="publications"
            value={rateOf(rate('publications'))}
            note={`${formatNumber(node.totals.publications)} in all`}
          />
          <Figure
            name="deliveries"
            value={rateOf(rate('deliveries'))}
            note={`${formatNumber(node.totals.deliveries)} in all`}
          />
          <Figure
            name="delivered"
            value={bytesOf(rate('deliveredBytes'))}
            note={`${formatBytes(node.totals.deliveredBytes)} in all`}
          />
          <Figure
            name="commands"
            value={rateOf(rate('commands'))}
            note={`${formatNumber(node.totals.commands)} in all`}
          />
          <Figure
            name="requests"
            value={rateOf(rate('requests'))}
            note={`${formatNumber(node.totals.requests)} in all`}
          />
        </dl>
      </section>
      <section className="admin-block" aria-labelledby="admin-sessions-now">
        <h2 id="admin-sessions-now">Sessions</h2>
        <dl className="admin-figures">
          {TRANSPORTS.map((transport) => (
            <div key={transport} data-transport={transport}>
              <dt>
                <TransportGlyph transport={transport} /> {TITLES[transport]}
              </dt>
              <dd className="number">{formatNumber(node.sessions[transport] ?? 0)}</dd>
            </div>
          ))}
          <Figure
            name="connections"
            value={formatNumber(node.connections)}
            note={`${formatNumber(node.held)} requests held`}
          />
          <Figure name="channels followed" value={formatNumber(node.followed)} />
        </dl>
      </section>
      <section className="admin-block" aria-labelledby="admin-process">
        <h2 id="admin-process">Process</h2>
        <dl className="admin-figures">
          <Figure
            name="CPU of one core"
            value={cpu === undefined ? '–' : `${formatRate(cpu)} %`}
            note={`loop busy ${Math.round(loop.utilisation * 100)} %`}
          />
          <Figure
            name="event loop late, p99"
            value={loop.delay === undefined ? '–' : `${formatRate(loop.delay.p99Ms)} ms`}
            note={loop.delay === undefined ? 'measuring' : `at most ${formatRate(loop.delay.maxMs)} ms`}
          />
          <Figure
            name="memory"
            value={formatBytes(memory.rssBytes)}
            note={`heap ${formatBytes(memory.heapBytes)}`}
          />
          <Figure name="outside the heap" value={formatBytes(memory.externalBytes)} />
          <Figure name="up" value={formatAge(node.now - node.startedMs)} />
        </dl>
      </section>
      <section className="admin-block" aria-labelledby="admin-refusals">
        <h2 id="admin-refusals">Refused</h2>
        {refusals.length === 0 ? (
          <p className="quiet">Nothing has been refused.</p>
        ) : (
          <ul className="admin-refusals">
            {refusals.map(([code, count]) => (
              <li key={code}>
                <code>{code}</code> <span className="number">{formatNumber(count)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="admin-block" aria-labelledby="admin-drain">
        <h2 id="admin-drain">Drain</h2>
        <p className="quiet">
          {node.standing === 'draining'
            ? `The node is going away. ${formatNumber(node.carriers)} connections are left.`
            : 'Before a deploy: clients move to other nodes, one after the other, and lose nothing.'}
        </p>
        <ActButton
          label="Drain the node"
          title="Drain this node?"
          path="/drain"
          fields={{ overMs: DRAIN_MS }}
          disabled={node.standing === 'draining'}
        >
          <p>
            It takes nobody new from now on, and asks its {formatNumber(node.carriers)} connections to move
            within 30 seconds. Where no other node answers at this address, clients wait until one does.
          </p>
          <p>This cannot be taken back. To serve again, the node has to be started anew.</p>
        </ActButton>
      </section>
    </>
  )
}

const rateOf = (perSecond: number | undefined): string =>
  perSecond === undefined ? '–' : formatRate(perSecond)
const bytesOf = (perSecond: number | undefined): string =>
  perSecond === undefined ? '–' : formatBytes(perSecond)

const Figure = ({ name, value, note }: { name: string; value: string; note?: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd className="number">
      {value}
      {note !== undefined && <span className="quiet">{note}</span>}
    </dd>
  </div>
)
