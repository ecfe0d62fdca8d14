/** The way to the other pages. */
import type { JSX } from 'react'
import { preload } from './page-loader.ts'
import { OVERVIEW, type PageEntry, PAGES } from './pages.ts'
import { hrefOf } from './route.ts'

export const GROUPS = ['Use cases', 'Tools'] as const

export interface NavigationProps {
  readonly current: PageEntry | undefined
  readonly onGo?: (() => void) | undefined
}

export const Navigation = ({ current, onGo }: NavigationProps): JSX.Element => (
  <nav className="pages" aria-label="Pages">
    <PageLink entry={OVERVIEW} current={current} onGo={onGo} />
    {GROUPS.map((group) => {
      const pages = PAGES.filter((each) => each.group === group)
      return (
        pages.length > 0 && (
          <section key={group}>
            <h2>{group}</h2>
            <ul>
              {pages.map((each) => (
                <li key={each.path}>
                  <PageLink entry={each} current={current} onGo={onGo} />
                </li>
              ))}
            </ul>
          </section>
        )
      )
    })}
  </nav>
)

const PageLink = ({ entry, current, onGo }: NavigationProps & { entry: PageEntry }): JSX.Element => (
  <a
    href={hrefOf(entry.path)}
    aria-current={entry === current ? 'page' : undefined}
    onPointerEnter={() => preload(entry)}
    onFocus={() => preload(entry)}
    onClick={onGo}
  >
    {entry.title}
  </a>
)
