/** What is looked for, and how what is found is ordered. */
import { type JSX, useId } from 'react'

export interface FilterProps {
  readonly label: string
  readonly contains: string
  readonly onContains: (text: string) => void
  readonly sorts: Readonly<Record<string, string>>
  readonly sort: string
  readonly onSort: (sort: string) => void
}

export const Filter = ({ label, contains, onContains, sorts, sort, onSort }: FilterProps): JSX.Element => {
  const [field, order] = [useId(), useId()]
  return (
    <form className="admin-filter" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={field}>{label}</label>
      <input id={field} type="search" value={contains} onChange={(event) => onContains(event.target.value)} />
      <label htmlFor={order}>Order</label>
      <select id={order} value={sort} onChange={(event) => onSort(event.target.value)}>
        {Object.entries(sorts).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </form>
  )
}
