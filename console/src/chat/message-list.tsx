/** The messages of a room, oldest first, at their end unless the person reads further up. */
import { Fragment, type JSX, useMemo, useRef } from 'react'
import { useConnection } from 'holdfast/react'
import type { Person } from '../person/person.ts'
import { type Block, blocksOf } from './blocks.ts'
import type { Earlier, Room, RoomState } from './room.ts'
import { SimulatedRun } from './simulated-run.tsx'
import { useStickToBottom } from './stick-to-bottom.ts'
import { dayName } from './times.ts'
import { type Gap, isEntry, type Item } from './timeline.ts'
import { Turn } from './turn.tsx'
import { UnsentMessage } from './unsent-message.tsx'

export interface MessageListProps {
  readonly room: Room
  readonly state: RoomState
  readonly self: Person
  /** Puts a text back where it can be changed. */
  readonly onEdit: (text: string) => void
}

export const MessageList = ({ room, state, self, onEdit }: MessageListProps): JSX.Element => {
  const { items, unsent } = state
  const blocks = useMemo(() => blocksOf(items), [items])
  const version = useMemo(() => ({ items, unsent }), [items, unsent])
  const { list, atBottom, onScroll, toBottom } = useStickToBottom(version, blocks[0]?.key)
  const news = useNews(items, atBottom)
  return (
    <div className="messages-frame">
      {/* Scrolled by keyboard too. New messages are announced elsewhere, and not every one. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div
        className="messages"
        ref={list}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={`Messages in ${room.name}`}
      >
        {items.length === 0 && unsent.length === 0 ? (
          <Empty room={room.name} ready={state.ready} ended={state.ended} />
        ) : (
          <>
            <EarlierControl earlier={state.earlier} room={room} />
            <ol className="message-list">
              {blocks.map((block) => (
                <Fragment key={block.key}>{viewOf(block, self)}</Fragment>
              ))}
              <UnsentMessages
                room={room}
                state={state}
                self={self}
                last={blocks[blocks.length - 1]}
                onEdit={onEdit}
              />
            </ol>
          </>
        )}
      </div>
      {!atBottom && (
        <button type="button" className="to-bottom" onClick={toBottom}>
          {news === 0
            ? 'To the latest'
            : news === 1
              ? '1 new message'
              : `${news.toLocaleString()} new messages`}
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 3v9.5M4 8.5l4 4 4-4" />
          </svg>
        </button>
      )}
    </div>
  )
}

/** Entries that came since the person left the end of the list. */
const useNews = (items: readonly Item[], atBottom: boolean): number => {
  const seen = useRef(0)
  const last = items.findLast(isEntry)?.offset ?? 0
  if (atBottom || seen.current > last) seen.current = last
  return last - seen.current
}

const viewOf = (block: Block, self: Person): JSX.Element => {
  switch (block.kind) {
    case 'day':
      return (
        <li className="day">
          <span>{dayName(block.time)}</span>
        </li>
      )
    case 'gap':
      return <GapLine gap={block.gap} />
    case 'turn':
      return <Turn author={block.author} own={block.author.id === self.id} entries={block.entries} />
    case 'run':
      return <SimulatedRun author={block.author} entries={block.entries} />
  }
}

const GapLine = ({ gap: { missing, restarted } }: { gap: Gap }): JSX.Element => (
  <li className="gap">
    <strong>
      {restarted
        ? 'The room’s log began anew here'
        : missing === undefined
          ? 'Older messages are no longer kept'
          : missing === 1
            ? '1 message is no longer kept'
            : `${missing.toLocaleString()} messages are no longer kept`}
    </strong>
    <span>
      {restarted
        ? 'The node was restarted or its log was replaced. What follows is complete.'
        : 'They were let go of before this page could read them. What follows is complete.'}
    </span>
  </li>
)

const EarlierControl = ({ earlier, room }: { earlier: Earlier; room: Room }): JSX.Element => {
  switch (earlier.kind) {
    case 'beginning':
      return <p className="edge">This is the beginning of #{room.name}.</p>
    case 'trimmed':
      return <p className="edge">Older messages are no longer kept.</p>
    default:
      return (
        <p className="edge">
          {earlier.kind === 'failed' && (
            <span role="alert">Earlier messages could not be loaded: {earlier.reason} </span>
          )}
          <button
            type="button"
            className="button small"
            disabled={earlier.kind === 'loading'}
            onClick={() => void room.loadEarlier()}
          >
            {earlier.kind === 'loading' ? 'Loading …' : 'Load earlier messages'}
          </button>
        </p>
      )
  }
}

const UnsentMessages = ({
  room,
  state,
  self,
  last,
  onEdit,
}: MessageListProps & { last: Block | undefined }): JSX.Element => {
  const { status } = useConnection()
  const own = last?.kind === 'turn' && last.author.id === self.id
  return (
    <>
      {state.unsent.map((unsent, index) => (
        <UnsentMessage
          key={unsent.id}
          unsent={unsent}
          author={self}
          first={index === 0 && !own}
          status={status}
          onRetry={() => room.retry(self, unsent.id)}
          onEdit={() => {
            room.discard(unsent.id)
            onEdit(unsent.text)
          }}
          onDiscard={() => room.discard(unsent.id)}
        />
      ))}
    </>
  )
}

const Empty = ({
  room,
  ready,
  ended,
}: {
  room: string
  ready: boolean
  ended: string | undefined
}): JSX.Element => {
  if (ended !== undefined) return <p className="empty">{ended}</p>
  if (!ready) return <p className="empty waiting">Opening #{room} …</p>
  return (
    <div className="empty">
      <p className="empty-title">Nothing has been said in #{room} yet.</p>
      <p>Write the first message, or open this page in a second window and talk to yourself.</p>
    </div>
  )
}
