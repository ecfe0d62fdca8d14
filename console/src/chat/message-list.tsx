/** The messages of a room, oldest first, at their end unless the person reads further up. */
import { type JSX, useMemo, useRef } from 'react'
import { Earlier } from '../../../examples/chat/messages.tsx'
import type { Message } from '../../../examples/chat/message.ts'
import type { Room } from '../../../examples/chat/room.ts'
import { type Block, blocksOf } from './blocks.ts'
import { useStickToBottom } from './stick-to-bottom.ts'
import { dayName } from './times.ts'
import { Turn } from './turn.tsx'
import { UnsentMessage } from './unsent-message.tsx'

export interface MessageListProps {
  readonly room: Room
  /** Puts a text back where it can be changed. */
  readonly onEdit: (text: string) => void
}

export const MessageList = (props: MessageListProps): JSX.Element => {
  const { name, messages, unsent, person } = props.room
  const blocks = useMemo(() => blocksOf(messages), [messages])
  const version = `${messages.at(-1)?.cursor} ${messages.length} ${unsent.all.length}`
  const { list, atBottom, onScroll, toBottom } = useStickToBottom(version, messages[0]?.cursor)
  const news = useNews(messages, atBottom)
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
        aria-label={`Messages in ${name}`}
      >
        {messages.length === 0 && unsent.all.length === 0 ? (
          <Empty room={props.room} />
        ) : (
          <>
            <Earlier room={props.room} />
            <ol>
              {blocks.map((block) => (
                <BlockView key={block.key} block={block} self={person.id} />
              ))}
              <UnsentList {...props} last={blocks.at(-1)} />
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

/** Messages that came since the person left the end of the list. */
const useNews = (messages: readonly Message[], atBottom: boolean): number => {
  const seen = useRef(0)
  const last = messages.at(-1)?.offset ?? 0
  if (atBottom || seen.current > last) seen.current = last
  return last - seen.current
}

const BlockView = ({ block, self }: { block: Block; self: string }): JSX.Element => {
  switch (block.kind) {
    case 'day':
      return (
        <li className="day">
          <span>{dayName(block.time)}</span>
        </li>
      )
    case 'gap':
      return <GapLine missing={block.missing} />
    case 'turn':
      return <Turn author={block.author} own={block.author.id === self} messages={block.messages} />
  }
}

const GapLine = ({ missing }: { missing: number | undefined }): JSX.Element => (
  <li className="gap">
    <strong>
      {missing === undefined
        ? 'The room’s log began anew here'
        : missing === 1
          ? '1 message is no longer kept'
          : `${missing.toLocaleString()} messages are no longer kept`}
    </strong>
    <span>
      {missing === undefined
        ? 'The node was restarted or its log was replaced. What follows is complete.'
        : 'They were let go of before this page could read them. What follows is complete.'}
    </span>
  </li>
)

interface UnsentListProps extends MessageListProps {
  readonly last: Block | undefined
}

const UnsentList = ({ room, last, onEdit }: UnsentListProps): JSX.Element => {
  const { unsent, person } = room
  const goesOn = last?.kind === 'turn' && last.author.id === person.id
  return (
    <>
      {unsent.all.map((each, index) => (
        <UnsentMessage
          key={each.id}
          room={room}
          unsent={each}
          first={index === 0 && !goesOn}
          onEdit={() => {
            unsent.discard(each.id)
            onEdit(each.text)
          }}
        />
      ))}
    </>
  )
}

const Empty = ({ room: { name, log, ended } }: { room: Room }): JSX.Element => {
  if (ended !== undefined) return <p className="empty">{ended}</p>
  if (!log.ready) return <p className="empty">Opening #{name} …</p>
  return (
    <div className="empty">
      <p className="empty-title">Nothing has been said in #{name} yet.</p>
      <p>Write the first message, or open this page in a second window and talk to yourself.</p>
    </div>
  )
}
