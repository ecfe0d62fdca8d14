/** What stands around every page: the way to the others, and on a narrow page the bar that opens it. */
import { type JSX, type ReactNode, useState } from 'react'
import { OwnName } from '../person/own-name.tsx'
import { Masthead } from './masthead.tsx'
import { MEDIUM, useMedia } from './media.ts'
import { PAGES, type PageEntry } from './pages.ts'
import { hrefOf } from './route.ts'
import { Sheet } from './sheet.tsx'

export interface ShellProps {
  readonly current: PageEntry | undefined
  readonly children: ReactNode
}

export const Shell = ({ current, children }: ShellProps): JSX.Element => {
  const medium = useMedia(MEDIUM)
  return (
    <div className="shell">
      {medium ? (
        <aside className="side" aria-label="Pages">
          <Masthead />
          <div className="side-scroll">
            <Navigation current={current} />
          </div>
          <OwnName />
        </aside>
      ) : (
        <TopBar current={current} />
      )}
      <div className="shell-page">{children}</div>
    </div>
  )
}

const TopBar = ({ current }: { current: PageEntry | undefined }): JSX.Element => {
  const [open, setOpen] = useState(false)
  return (
    <header className="top-bar">
      <button
        type="button"
        className="icon-button"
        aria-label="Pages"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h12" />
        </svg>
      </button>
      <p>{current?.title ?? 'Holdfast'}</p>
      {open && (
        <Sheet title="Pages" side="start" onClose={() => setOpen(false)}>
          <Navigation current={current} onGo={() => setOpen(false)} />
          <OwnName />
          <Masthead />
        </Sheet>
      )}
    </header>
  )
}

interface NavigationProps {
  readonly current: PageEntry | undefined
  readonly onGo?: () => void
}

const GROUPS = ['Use cases', 'Tools'] as const

const Navigation = ({ current, onGo }: NavigationProps): JSX.Element => (
  <nav className="pages" aria-label="Pages">
    {GROUPS.map((group) => {
      const pages = PAGES.filter((each) => each.group === group)
      return (
        pages.length > 0 && (
          <section key={group}>
            <h2>{group}</h2>
            <ul>
              {pages.map((each) => (
                <li key={each.path}>
                  <a
                    href={hrefOf(each.path)}
                    aria-current={each === current ? 'page' : undefined}
                    onClick={onGo}
                  >
                    {each.title}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )
      )
    })}
  </nav>
)
