/** Light or dark. */
import type { JSX } from 'react'
import { chooseTheme, useTheme } from './theme.ts'

export const ThemeToggle = (): JSX.Element => {
  const theme = useTheme()
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Use the ${other} theme`}
      onClick={() => chooseTheme(other)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {theme === 'dark' ? (
          <path d="M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M3.2 12.8l1-1M11.8 4.2l1-1" />
        ) : (
          <path d="M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3" />
        )}
      </svg>
    </button>
  )
}
