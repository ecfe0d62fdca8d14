/** Who has the document open, from the presence of its channel. Who has several tabs is one. */
import { useMemo } from 'react'
import { usePresence } from 'holdfast/react'
import { MOST_NAME_LENGTH, type Writer } from './claims.ts'

/** Enters `person`, and returns everyone who is here, this person too once the node knows of it. */
export const usePeople = (name: string, person: Writer): readonly Writer[] => {
  const members = usePresence(`editor/${name}`, { id: person.id, name: person.name })
  return useMemo(() => peopleOf(members), [members])
}

export const hereOf = (people: readonly Writer[], { id }: Writer): string => {
  const [first, ...more] = people.filter((each) => each.id !== id)
  if (first === undefined) return 'Only you'
  return `You and ${more.length === 0 ? first.name : `${more.length + 1} others`}`
}

const peopleOf = (members: ReadonlyMap<string, unknown>): Writer[] => {
  const people = new Map<string, Writer>()
  for (const data of members.values()) {
    const { id, name } = (data ?? {}) as Record<string, unknown>
    if (typeof id === 'string' && typeof name === 'string')
      people.set(id, { id, name: name.slice(0, MOST_NAME_LENGTH) })
  }
  return [...people.values()].toSorted((a, b) => a.name.localeCompare(b.name))
}
