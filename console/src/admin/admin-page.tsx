/** Looking after a node: the whole in numbers, its channels and its sessions, and what can be done to them. */
import { type JSX, useEffect, useState } from 'react'
import { MEDIUM, useMedia } from '../page/media.ts'
import { PageHeader } from '../page/page-header.tsx'
import type { PageProps } from '../page/pages.ts'
import { hrefOf } from '../page/route.ts'
import { type AdminMode, adminMode, dropSecret, hasSecret } from './admin-api.ts'
import { Channel, Channels } from './channels.tsx'
import { Overview } from './overview.tsx'
import { SecretForm } from './secret-form.tsx'
import { Session, Sessions } from './sessions.tsx'
import './admin.css'

const TABS = [
  ['', 'Node'],
  ['channels', 'Channels'],
  ['sessions', 'Sessions'],
] as const

type Mode = AdminMode | 'asking' | 'away'

export const View = ({ rest: [part = '', subject = ''] }: PageProps): JSX.Element => {
  const [mode, setMode] = useState<Mode>('asking')
  const [opened, setOpened] = useState(hasSecret)
  useEffect(() => {
    adminMode().then(setMode, () => setMode('away'))
  }, [])
  const shown = mode === 'open' || (mode === 'secret' && opened)
  const tab = part === 'channel' ? 'channels' : part === 'session' ? 'sessions' : part
  const medium = useMedia(MEDIUM)
  const parts = shown && (
    <div className="admin-parts">
      <nav aria-label="Parts of the node">
        {TABS.map(([path, title]) => (
          <a
            key={path}
            href={path === '' ? hrefOf('admin') : hrefOf('admin', path)}
            aria-current={path === tab ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {mode === 'secret' && (
        <button
          type="button"
          className="button small"
          onClick={() => {
            dropSecret()
            setOpened(false)
          }}
        >
          Forget the secret
        </button>
      )}
    </div>
  )
  return (
    <main className="admin">
      <PageHeader title="Admin" actions={medium && parts} />
      {!medium && parts}
      <div className="admin-body">
        {mode === 'secret' && !opened && <SecretForm onOpen={() => setOpened(true)} />}
        {mode === 'asking' && <p className="quiet">Asking the node …</p>}
        {mode === 'off' && <Off />}
        {mode === 'away' && (
          <p className="admin-trouble">The node does not answer. Reload the page to try again.</p>
        )}
        {shown && <Part key={`${part} ${subject}`} part={part} subject={subject} />}
      </div>
    </main>
  )
}

const Part = ({ part, subject }: { part: string; subject: string }): JSX.Element => {
  switch (part) {
    case 'channels':
      return <Channels />
    case 'channel':
      return <Channel name={subject} />
    case 'sessions':
      return <Sessions />
    case 'session':
      return <Session id={subject} />
    default:
      return <Overview />
  }
}

const Off = (): JSX.Element => (
  <section className="admin-secret">
    <h2>This node is not to be looked after from here</h2>
    <p className="quiet">
      It has no secret for these pages. Start it with <code>holdfast serve --admin-secret-file FILE</code>, or
      set <code>HOLDFAST_ADMIN_SECRET</code>, and they ask for it.
    </p>
  </section>
)
