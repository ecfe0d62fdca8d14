/** Who is in the room. */
import type { JSX } from 'react'
import { Avatar } from '../person/avatar.tsx'
import type { Person } from '../../../examples/chat/person.ts'

export const People = ({ people, self }: { people: readonly Person[]; self: Person }): JSX.Element => (
  <section className="people">
    <h2>
      Here now <span className="quiet">{people.length}</span>
    </h2>
    {people.length === 0 ? (
      <p className="quiet">Nobody yet.</p>
    ) : (
      <ul>
        {people.map((person) => (
          <li key={person.id} data-person={person.id}>
            <Avatar person={person} />
            <bdi className="person-name">{person.name}</bdi>
            {person.id === self.id && <span className="you">you</span>}
          </li>
        ))}
      </ul>
    )}
  </section>
)
