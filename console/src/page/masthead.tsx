/** The name of the thing, and what concerns the whole page. */
import type { JSX } from 'react'
import { ThemeToggle } from '../theme/theme-toggle.tsx'

export const Masthead = (): JSX.Element => (
  <div className="masthead">
    <p className="wordmark">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path className="lines" d="M3 7h18M3 12h18M3 17h18" />
        <path d="M12 2v20M12 22c-4 0-6.5-2-7-5.5M12 22c4 0 6.5-2 7-5.5" />
      </svg>
      Holdfast
    </p>
    <ThemeToggle />
  </div>
)
