/** The channels of the node, page by page, and one of them in detail. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { goTo, hrefOf } from '../page/route.ts'
import { ActButton } from './act-button.tsx'
import { act, AdminError, type ChannelDetail, type ChannelRow } from './admin-api.ts'
import { useAsked } from './asked.ts'
import { formatBytes, formatCount, formatNumber } from './figures.ts'
import { Filter } from './filter.tsx'
import { SessionLink } from './sessions.tsx'
import { Trouble } from './trouble.tsx'

const LIMIT = 100
const SORTS = { name: 'Name', followers: 'Most followed here' }

export const Channels = (): JSX.Element => {
  const [contains, setContains] = useState('')
  const [sort, setSort] = useState('name')
  /** Where this page begins, and those before it. */
  const [afters, setAfters] = useState<readonly string[]>([''])
  const query = new URLSearchParams({ contains, sort, after: afters.at(-1) ?? '', limit: String(LIMIT) })
  const { answer, error } = useAsked<{ rows: readonly ChannelRow[]; next?: string }>(
    `/channels?${query.toString()}`,
  )
  const begin = (change: () => void): void => {
    change()
    setAfters([''])
  }
  return (
    <>
      <Filter
        label="Name contains"
        contains={contains}
        onContains={(text) => begin(() => setContains(text))}
        sorts={SORTS}
        sort={sort}
        onSort={(order) => begin(() => setSort(order))}
      />
      <Trouble error={error} />
      {answer !== undefined && answer.rows.length === 0 && (
        <p className="admin-empty quiet">
          {contains === '' ? 'There is no channel yet.' : 'No channel is called so.'}
        </p>
      )}
      {answer !== undefined && answer.rows.length > 0 && (
        <table className="admin-table">
          <thead>
            <tr>
              <th scope="col">Channel</th>
              <th scope="col" data-wide>
                Kind
              </th>
              <th scope="col">Followers</th>
              <th scope="col" data-wide>
                Floor
              </th>
              <th scope="col">Top</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">
                  <a href={hrefOf('admin', 'channel', row.name)}>{row.name}</a>
                </th>
                <td data-wide>{kindOf(row)}</td>
                <td>{formatNumber(row.followers)}</td>
                <td data-wide>{formatNumber(row.floor)}</td>
                <td>{formatNumber(row.top)}</td>
                <td>{formatBytes(row.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {(afters.length > 1 || answer?.next !== undefined) && (
        <nav className="admin-pages" aria-label="Pages of channels">
          <button
            type="button"
            className="button small"
            disabled={afters.length === 1}
            onClick={() => setAfters(afters.slice(0, -1))}
          >
            Back
          </button>
          <button
            type="button"
            className="button small"
            disabled={answer?.next === undefined}
            onClick={() => answer?.next !== undefined && setAfters([...afters, answer.next])}
          >
            Next {LIMIT}
          </button>
        </nav>
      )}
    </>
  )
}

const kindOf = ({ kind, contentType, status }: ChannelRow): string =>
  [kind, contentType === 'json' ? '' : contentType, status === 'open' ? '' : status]
    .filter(Boolean)
    .join(', ')

const TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'medium' })

export const Channel = ({ name }: { name: string }): JSX.Element => {
  const [turn, setTurn] = useState(0)
  const { answer: channel, error } = useAsked<ChannelDetail>(
    `/channel?${new URLSearchParams({ name }).toString()}`,
    turn,
  )
  const again = (): void => setTurn(turn + 1)
  const held = channel === undefined ? 0 : channel.top - channel.floor + 1
  return (
    <>
      <header className="admin-detail">
        <h2>{name}</h2>
        {channel !== undefined && (
          <p className="quiet">
            {kindOf(channel)}; offsets {formatNumber(channel.floor)} to {formatNumber(channel.top)},{' '}
            {formatBytes(channel.bytes)}; {formatCount(channel.followers, 'follower')} on this node; made{' '}
            {TIME.format(channel.createdMs)}
          </p>
        )}
      </header>
      <Trouble error={error} />
      {channel !== undefined && (
        <>
          <div className="admin-acts">
            <ActButton
              label="Trim"
              title={`Trim ${name}?`}
              path="/trim"
              fields={{ channel: name }}
              disabled={held === 0}
              onDone={again}
            >
              <p>
                What it holds, {formatCount(held, 'publication')}, is let go of. Whoever has not received them
                yet is told of a gap. Offsets go on from {formatNumber(channel.top)}.
              </p>
            </ActButton>
            <ActButton
              label="Close"
              title={`Close ${name}?`}
              path="/close"
              fields={{ channel: name }}
              disabled={channel.status !== 'open'}
              onDone={again}
            >
              <p>
                Nobody can publish to it any more. Whoever follows it ({formatNumber(channel.followers)} on
                this node) is served to its end and told that it is over. What it holds stays readable.
              </p>
            </ActButton>
            <ActButton
              label="Delete"
              title={`Delete ${name}?`}
              path="/delete"
              fields={{ channel: name }}
              onDone={() => goTo('admin', 'channels')}
            >
              <p>
                What it holds, {formatCount(held, 'publication')}, is lost. Whoever follows it (
                {formatNumber(channel.followers)} on this node) is told that it was deleted. A later
                publication makes it anew, from offset 1.
              </p>
            </ActButton>
          </div>
          {channel.status === 'open' && channel.kind !== 'presence' && (
            <Publish channel={channel} onDone={again} />
          )}
          <section className="admin-block" aria-labelledby="admin-entries">
            <h3 id="admin-entries">Latest entries</h3>
            {channel.entries.length === 0 && <p className="quiet">It holds none.</p>}
            <ol className="admin-entries">
              {channel.entries.toReversed().map(({ offset, time, key, removed, text, cut }) => (
                <li key={offset}>
                  <span className="number">{formatNumber(offset)}</span>
                  <time className="quiet">{TIME.format(time)}</time>
                  {key !== undefined && <code className="admin-key">{key}</code>}
                  <code>{removed === true ? '(removed)' : cut ? `${text} …` : text}</code>
                </li>
              ))}
            </ol>
          </section>
          <section className="admin-block" aria-labelledby="admin-followers">
            <h3 id="admin-followers">Followers</h3>
            {channel.followerSessions.length === 0 && (
              <p className="quiet">No session follows it on this node.</p>
            )}
            <ul className="admin-followers">
              {channel.followerSessions.map((session) => (
                <li key={session.id}>
                  <SessionLink {...session} />
                  <span className="quiet">
                    {session.lag === 0 ? 'at the top' : `${formatNumber(session.lag)} behind`}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </>
  )
}

const Publish = ({ channel, onDone }: { channel: ChannelDetail; onDone: () => void }): JSX.Element => {
  const [data, key] = [useId(), useId()]
  const [told, setTold] = useState<{ text: string; bad: boolean }>({ text: '', bad: false })
  const keyed = channel.kind === 'conflated'
  const publish = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    try {
      const text = String(form.get('data'))
      const fields = channel.contentType === 'json' ? { data: JSON.parse(text) as unknown } : { base64: text }
      await act('/publish', {
        channel: channel.name,
        ...fields,
        ...(keyed && { key: String(form.get('key')) }),
      })
      setTold({ text: 'Published.', bad: false })
      onDone()
    } catch (error) {
      const text = error instanceof AdminError ? error.message : 'That is not JSON.'
      setTold({ text, bad: true })
    }
  }
  return (
    <form className="admin-publish" onSubmit={(event) => void publish(event)}>
      <label htmlFor={data}>Publish {channel.contentType === 'json' ? 'JSON' : 'bytes, as base64'}</label>
      <div>
        {keyed && <input id={key} name="key" required aria-label="Key" placeholder="key" />}
        <input
          id={data}
          name="data"
          required
          spellCheck={false}
          autoComplete="off"
          placeholder={channel.contentType === 'json' ? '{"text": "hello"}' : 'aGVsbG8='}
        />
        <button type="submit" className="button">
          Publish
        </button>
      </div>
      <p className={told.bad ? 'failure' : 'quiet'} role="status">
        {told.text}
      </p>
    </form>
  )
}
