/** The documents one can go to: three that are always there, and whatever name somebody writes. */
import { type FormEvent, type JSX, useId, useRef } from 'react'

const FIRST = ['welcome', 'minutes', 'ideas'] as const
const MOST_NAME_LENGTH = 60

interface DocumentListProps {
  readonly current: string
  readonly hrefOf: (name: string) => string
  readonly onOpen: (name: string) => void
}

export const DocumentList = ({ current, hrefOf, onOpen }: DocumentListProps): JSX.Element => {
  const field = useRef<HTMLInputElement>(null)
  const details = useRef<HTMLDetailsElement>(null)
  const id = useId()
  const names = FIRST.some((name) => name === current) ? FIRST : [...FIRST, current]
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const name = field.current?.value.trim().replaceAll('/', ' ') ?? ''
    if (name === '') return
    if (field.current !== null) field.current.value = ''
    if (details.current !== null) details.current.open = false
    onOpen(name)
  }
  return (
    <div className="editor-documents">
      <nav aria-label="Documents">
        <ul>
          {names.map((name) => (
            <li key={name}>
              <a href={hrefOf(name)} aria-current={name === current ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <details ref={details}>
        <summary>Another …</summary>
        <form className="inline-form" onSubmit={submit}>
          <label htmlFor={id}>Its name. If there is none of that name, it begins empty.</label>
          <div className="inline-form-row">
            <input id={id} ref={field} maxLength={MOST_NAME_LENGTH} autoComplete="off" required />
            <button type="submit" className="button small">
              Open
            </button>
          </div>
        </form>
      </details>
    </div>
  )
}
