/** Asks for the node's secret. It is tried before it is kept. */
import { type FormEvent, type JSX, useId, useState } from 'react'
import { AdminError, dropSecret, keepSecret, question } from './admin-api.ts'

export const SecretForm = ({ onOpen }: { onOpen: () => void }): JSX.Element => {
  const field = useId()
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const open = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const secret = String(new FormData(event.currentTarget).get('secret')).trim()
    setBusy(true)
    keepSecret(secret)
    try {
      await question('')
      onOpen()
    } catch (error) {
      dropSecret()
      setFault(faultOf(error))
    }
    setBusy(false)
  }
  return (
    <form className="admin-secret" onSubmit={(event) => void open(event)}>
      <h2>This node asks for its secret</h2>
      <p className="quiet">
        It is what <code>--admin-secret-file</code> or <code>HOLDFAST_ADMIN_SECRET</code> was when the node
        was started. It is kept until this tab is closed.
      </p>
      <label htmlFor={field}>Secret</label>
      <div>
        <input id={field} name="secret" type="password" required autoComplete="off" spellCheck={false} />
        <button type="submit" className="button" disabled={busy}>
          Open
        </button>
      </div>
      <p className="failure" role="status">
        {fault}
      </p>
    </form>
  )
}

const faultOf = (error: unknown): string => {
  const code = error instanceof AdminError ? error.code : ''
  if (code === 'unauthenticated') return 'That is not the secret of this node.'
  if (code === 'rate_limited') return 'Too many wrong secrets came from here. Wait a minute.'
  return code === 'away'
    ? 'The node does not answer. Try again.'
    : 'The node refused. Is the secret one line of letters?'
}
