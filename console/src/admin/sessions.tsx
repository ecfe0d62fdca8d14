/** The sessions of the node, and one of them in detail: where it stands in each of its channels. */
import { type JSX, useState } from 'react'
import { hrefOf } from '../page/route.ts'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES } from '../connection/transports.ts'
import { client } from '../connection/client.ts'
import { ActButton } from './act-button.tsx'
import type { SessionDetail, SessionRow } from './admin-api.ts'
import { useAsked } from './asked.ts'
import { formatAge, formatBytes, formatNumber } from './figures.ts'
import { Filter } from './filter.tsx'
import { Trouble } from './trouble.tsx'

const LIMIT = 100
const SORTS = {
  newest: 'Newest',
  oldest: 'Oldest',
  lag: 'Furthest behind',
  channels: 'Most channels',
  id: 'Name',
}

type Transport = keyof typeof TITLES

export const SessionLink = ({
  id,
  user,
  transports,
}: Pick<SessionRow, 'id' | 'user' | 'transports'>): JSX.Element => (
  <span className="admin-session">
    {transports.map((transport) => (
      <span key={transport} data-transport={transport} title={TITLES[transport as Transport]}>
        <TransportGlyph transport={transport as Transport} />
        <span className="visually-hidden">{TITLES[transport as Transport]}</span>
      </span>
    ))}
    <a href={hrefOf('admin', 'session', id)}>{user ?? id}</a>
    {isOwn(id) && <span className="admin-own">this page</span>}
  </span>
)

/** Without users a member is named as its session is. */
const isOwn = (id: string): boolean => client.state.member === id

export const Sessions = (): JSX.Element => {
  const [contains, setContains] = useState('')
  const [sort, setSort] = useState('newest')
  const [skip, setSkip] = useState(0)
  const query = new URLSearchParams({ contains, sort, skip: String(skip), limit: String(LIMIT) })
  const { answer, error } = useAsked<{ total: number; rows: readonly SessionRow[] }>(
    `/sessions?${query.toString()}`,
  )
  const begin = (change: () => void): void => {
    change()
    setSkip(0)
  }
  return (
    <>
      <Filter
        label="Session, user or address contains"
        contains={contains}
        onContains={(text) => begin(() => setContains(text))}
        sorts={SORTS}
        sort={sort}
        onSort={(order) => begin(() => setSort(order))}
      />
      <Trouble error={error} />
      {answer?.rows.length === 0 && (
        <p className="admin-empty quiet">
          {contains === '' ? 'No session is here.' : 'No session is found by that.'}
        </p>
      )}
      {answer !== undefined && answer.rows.length > 0 && (
        <table className="admin-table">
          <thead>
            <tr>
              <th scope="col">Session</th>
              <th scope="col">Channels</th>
              <th scope="col">Behind</th>
              <th scope="col" data-wide>
                Not taken
              </th>
              <th scope="col" data-wide>
                Address
              </th>
              <th scope="col">Here for</th>
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <SessionLink {...row} />
                </th>
                <td>{formatNumber(row.channels)}</td>
                <td data-lag={row.lag > 0 || undefined}>{formatNumber(row.lag)}</td>
                <td data-wide>{formatBytes(row.unsentBytes)}</td>
                <td data-wide>{row.address}</td>
                <td>
                  {row.askedMs === undefined
                    ? formatAge(Date.now() + client.state.offsetMs - row.sinceMs)
                    : 'polls'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <nav className="admin-pages" aria-label="Pages of sessions">
        <span className="quiet">{answer === undefined ? '' : `${formatNumber(answer.total)} in all`}</span>
        {(answer?.total ?? 0) > LIMIT && (
          <>
            <button
              type="button"
              className="button small"
              disabled={skip === 0}
              onClick={() => setSkip(Math.max(0, skip - LIMIT))}
            >
              Back
            </button>
            <button
              type="button"
              className="button small"
              disabled={answer === undefined || skip + LIMIT >= answer.total}
              onClick={() => setSkip(skip + LIMIT)}
            >
              Next {LIMIT}
            </button>
          </>
        )}
      </nav>
    </>
  )
}

export const Session = ({ id }: { id: string }): JSX.Element => {
  const [turn, setTurn] = useState(0)
  const { answer: session, error } = useAsked<SessionDetail>(
    `/session?${new URLSearchParams({ id }).toString()}`,
    turn,
  )
  const again = (): void => setTurn(turn + 1)
  const polls = session?.askedMs !== undefined
  const own = isOwn(id) ? <p>It is the connection of this page.</p> : null
  return (
    <>
      <header className="admin-detail">
        <h2>{session?.user ?? id}</h2>
        {session !== undefined && (
          <p className="quiet">
            <SessionLink {...session} /> from {session.address}
            {polls
              ? ', polls'
              : `, here for ${formatAge(Date.now() + client.state.offsetMs - session.sinceMs)}`}
          </p>
        )}
      </header>
      <Trouble error={error} />
      {session !== undefined && (
        <>
          <div className="admin-acts">
            <ActButton
              label="Disconnect"
              title="Disconnect this session?"
              path="/disconnect"
              fields={{ session: id }}
              disabled={polls}
              onDone={again}
            >
              <p>Its connection ends. Its client comes back by itself, where it stood, and loses nothing.</p>
              {own}
            </ActButton>
            <ActButton
              label="Disconnect for good"
              title="Disconnect this session for good?"
              path="/disconnect"
              fields={{ session: id, final: true }}
              disabled={polls}
              onDone={again}
            >
              <p>
                Its client is told not to come back, and stops until somebody starts it anew. To keep somebody
                out for good, refuse them in <code>authenticate</code>.
              </p>
              {own}
            </ActButton>
            {polls && <p className="quiet">Between two polls there is no connection that could be ended.</p>}
          </div>
          <table className="admin-table">
            <thead>
              <tr>
                <th scope="col">Channel</th>
                <th scope="col">Stands at</th>
                <th scope="col">Top</th>
                <th scope="col">Behind</th>
              </tr>
            </thead>
            <tbody>
              {session.standings.map(({ channel, offset, top, lag, cursor }) => (
                <tr key={channel}>
                  <th scope="row">
                    <a href={hrefOf('admin', 'channel', channel)}>{channel}</a>
                  </th>
                  <td title={cursor}>{offset === undefined ? 'not known yet' : formatNumber(offset)}</td>
                  <td>{top === undefined ? '–' : formatNumber(top)}</td>
                  <td data-lag={lag > 0 || undefined}>{formatNumber(lag)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  )
}
