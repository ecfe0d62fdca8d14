/** Someone's initials on a quiet tint of their own. The name stands beside it, so readers of the screen skip it. */
import type { CSSProperties, JSX } from 'react'
import type { Person } from '../../../examples/chat/person.ts'

const initialsOf = (name: string): string => {
  const words = name.split(' ').filter((word) => word !== '')
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 63).toUpperCase()).join('')
}

/** A hue in degrees, the same for the same id everywhere (FNV-1a, then one of twelve that can be told apart). */
const hueOf = (id: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return ((hash >>> 8) % 12) * 30
}

export const Avatar = ({ person: { id, name } }: { person: Person }): JSX.Element => (
  <span className="avatar" style={{ '--hue': hueOf(id) } as CSSProperties} aria-hidden="true">
    {initialsOf(name)}
  </span>
)
