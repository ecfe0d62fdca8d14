/** Who has the document open. Who has several tabs is one. */
import { type JSX, useMemo } from 'react'
import { usePresence } from 'holdfast/react'
import { colourOf, type Writer } from './claims.ts'

const MOST_SHOWN = 6

export const People = ({ name, person }: { name: string; person: Writer }): JSX.Element => {
  const { id, name: ownName } = person
  const members = usePresence(`editor/${name}`, { id, name: ownName })
  const people = useMemo(() => peopleOf(members), [members])
  const others = people.filter((each) => each.id !== id)
  const here = others.length === 0 ? 'Only you' : `You and ${listOf(others)}`
  return (
    <div className="editor-people">
      <ul aria-hidden="true">
        {people.slice(0, MOST_SHOWN).map((each) => (
          <li key={each.id} style={{ background: colourOf(each.id) }} title={each.name}>
            {each.name.slice(0, 1).toUpperCase()}
          </li>
        ))}
      </ul>
      <p>{here}</p>
    </div>
  )
}

const listOf = (others: readonly Writer[]): string => {
  const [first] = others
  return others.length === 1 ? (first?.name ?? '') : `${others.length} others`
}

const peopleOf = (members: ReadonlyMap<string, unknown>): Writer[] => {
  const people = new Map<string, Writer>()
  for (const data of members.values()) {
    const { id, name } = (data ?? {}) as Record<string, unknown>
    if (typeof id === 'string' && typeof name === 'string') people.set(id, { id, name: name.slice(0, 40) })
  }
  return [...people.values()].toSorted((a, b) => a.name.localeCompare(b.name))
}
