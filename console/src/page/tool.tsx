/** The frame of a tool: what it is, and all the room there is for it. */
import type { JSX, ReactNode } from 'react'
import { PageHeader, type PageHeaderProps } from './page-header.tsx'

export const Tool = ({ children, ...header }: PageHeaderProps & { children: ReactNode }): JSX.Element => (
  <main className="use-case">
    <PageHeader {...header} />
    <div className="use-case-body">{children}</div>
  </main>
)
