/** Every page with what can be done there: the way in for who does not know them yet. */
import type { JSX } from 'react'
import { GROUPS } from './navigation.tsx'
import { preload } from './page-loader.ts'
import { PAGES } from './pages.ts'
import { hrefOf } from './route.ts'

export const Directory = (): JSX.Element => (
  <div className="directory">
    {GROUPS.map((group) => {
      const pages = PAGES.filter((each) => each.group === group)
      return (
        pages.length > 0 && (
          <section key={group}>
            <h2>{group}</h2>
            <ul>
              {pages.map((each) => (
                <li key={each.path}>
                  <a href={hrefOf(each.path)} onPointerEnter={() => preload(each)}>
                    <strong>{each.title}</strong>
                    <span className="quiet">{each.summary}</span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )
      )
    })}
  </div>
)
