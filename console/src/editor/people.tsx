/** Who has the document open, by their first letters and in words. */
import type { JSX } from 'react'
import { colourOf, type Writer } from '../../../examples/editor/claims.ts'
import { hereOf, usePeople } from '../../../examples/editor/people.ts'

const MOST_SHOWN = 6

export const People = ({ name, person }: { name: string; person: Writer }): JSX.Element => {
  const people = usePeople(name, person)
  return (
    <div className="editor-people">
      <ul aria-hidden="true">
        {people.slice(0, MOST_SHOWN).map((each) => (
          <li key={each.id} style={{ background: colourOf(each.id) }} title={each.name}>
            {each.name.slice(0, 1).toUpperCase()}
          </li>
        ))}
      </ul>
      <p>{hereOf(people, person)}</p>
    </div>
  )
}
