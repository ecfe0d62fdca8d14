/** What stands around every page: the way to the others beside it, or on a narrow page in the bar above it. */
import { type JSX, type ReactNode, useState } from 'react'
import { OwnName } from '../person/own-name.tsx'
import { Masthead } from './masthead.tsx'
import { MEDIUM, useMedia } from './media.ts'
import { Navigation } from './navigation.tsx'
import { TopBarSlot } from './page-header.tsx'
import type { PageEntry } from './pages.ts'
import { Sheet } from './sheet.tsx'

export interface ShellProps {
  readonly current: PageEntry | undefined
  readonly children: ReactNode
}

export const Shell = ({ current, children }: ShellProps): JSX.Element => {
  const medium = useMedia(MEDIUM)
  const [slot, setSlot] = useState<HTMLElement | null>(null)
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
        <header className="top-bar">
          <PagesButton current={current} />
          <div className="top-bar-page" ref={setSlot} />
          {/* Until the page has put its own there. */}
          <p className="top-bar-title">{current?.title}</p>
        </header>
      )}
      <TopBarSlot value={slot}>
        <div className="shell-page">{children}</div>
      </TopBarSlot>
    </div>
  )
}

const PagesButton = ({ current }: { current: PageEntry | undefined }): JSX.Element => {
  const [open, setOpen] = useState(false)
  return (
    <>
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
      {open && (
        <Sheet title="Pages" side="start" onClose={() => setOpen(false)}>
          <Navigation current={current} onGo={() => setOpen(false)} />
          <OwnName />
          <Masthead />
        </Sheet>
      )}
    </>
  )
}
