/** What someone wrote: lines as they were written, addresses as links. */
import type { JSX } from 'react'

const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/

export const MessageText = ({ text, raw }: { text: string; raw: boolean }): JSX.Element => {
  if (raw) return <code className="message-raw">{text}</code>
  // A split by a pattern in parentheses keeps what matched, at every second place.
  const parts = text.split(ADDRESS)
  return (
    <span className="message-text">
      {parts.map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <a key={`${index} ${part}`} href={part} target="_blank" rel="noreferrer">
            {part}
          </a>
        ),
      )}
    </span>
  )
}
