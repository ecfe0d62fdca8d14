/** The person's own name, and the form that changes it. */
import { type FormEvent, type JSX, useEffect, useId, useRef, useState } from 'react'
import { Avatar } from './avatar.tsx'
import { MAX_NAME_LENGTH, rename, usePerson } from './person.ts'

export const OwnName = (): JSX.Element => {
  const person = usePerson()
  const [editing, setEditing] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const done = useRef(false)
  useEffect(() => {
    // Where the focus came from, once the form is gone.
    if (!editing && done.current) button.current?.focus()
    done.current = editing
  }, [editing])
  if (editing) return <NameForm name={person.name} onDone={() => setEditing(false)} />
  return (
    <div className="own-name">
      <Avatar person={person} />
      <span className="own-name-text">
        <span className="own-name-name">{person.name}</span>
        <button type="button" className="own-name-change" ref={button} onClick={() => setEditing(true)}>
          Change your name
        </button>
      </span>
    </div>
  )
}

const NameForm = ({ name, onDone }: { name: string; onDone: () => void }): JSX.Element => {
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    rename(input.current?.value ?? '')
    onDone()
  }
  return (
    <form
      className="inline-form own-name-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onDone()
      }}
    >
      <label htmlFor={id}>Your name</label>
      <div className="inline-form-row">
        <input
          id={id}
          ref={input}
          defaultValue={name}
          maxLength={MAX_NAME_LENGTH}
          autoComplete="nickname"
          required
        />
        <button type="submit" className="button small">
          Save
        </button>
      </div>
    </form>
  )
}
