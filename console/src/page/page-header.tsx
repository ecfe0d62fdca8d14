/**
 * The one header of a page: what it is, and what can be done to all of it. On a narrow page it stands in the bar at
 * the top, beside the way to the other pages.
 */
import { createContext, type JSX, type ReactNode, useContext } from 'react'
import { createPortal } from 'react-dom'

export interface PageHeaderProps {
  readonly title: string
  /** A sentence; only where there is room for one. */
  readonly summary?: string | undefined
  readonly actions?: ReactNode
}

/** Where the header goes on a narrow page; null elsewhere. */
export const TopBarSlot = createContext<HTMLElement | null>(null)

export const PageHeader = ({ title, summary, actions }: PageHeaderProps): JSX.Element => {
  const slot = useContext(TopBarSlot)
  const content = (
    <>
      <h1>{title}</h1>
      {slot === null && summary !== undefined && <p className="quiet">{summary}</p>}
      {actions}
    </>
  )
  if (slot !== null) return <>{createPortal(content, slot)}</>
  return <header className="page-header">{content}</header>
}
