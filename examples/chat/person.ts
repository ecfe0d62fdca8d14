/** Who takes part. What others publish of themselves is only believed as far as it has the right form. */

export interface Person {
  readonly id: string
  readonly name: string
}

/** A value from elsewhere as a person; undefined when it is none. */
export const personOf = (value: unknown): Person | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, name } = value as Record<string, unknown>
  if (typeof id !== 'string' || id === '' || typeof name !== 'string') return undefined
  const tidy = Array.from(name.replaceAll(/\s+/g, ' ').trim()).slice(0, 40).join('')
  return tidy === '' ? undefined : { id: id.slice(0, 100), name: tidy }
}

/** The members of a room, by name; who has several tabs is one. */
export const peopleOf = (members: Iterable<unknown>): Person[] => {
  const people = new Map<string, Person>()
  for (const member of members) {
    const person = personOf(member)
    if (person !== undefined) people.set(person.id, person)
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** Those members who say that they write just now, without this person. */
export const typistsOf = (members: Iterable<unknown>, self: Person): Person[] =>
  peopleOf([...members].filter((member) => (member as { typing?: unknown } | null)?.typing === true)).filter(
    ({ id }) => id !== self.id,
  )
