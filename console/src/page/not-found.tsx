/** For an address that leads nowhere: says so, and shows where one can go. */
import type { JSX } from 'react'
import { Directory } from './directory.tsx'
import { PageHeader } from './page-header.tsx'
import { hrefOf } from './route.ts'

export const NotFound = ({ page }: { page: string }): JSX.Element => (
  <main className="plain-page">
    <PageHeader title="No such page" />
    <div className="plain-page-body wide">
      <p>
        There is nothing at <code>{hrefOf(page)}</code>. It may have been mistyped, or this node is older than
        the link. These are here:
      </p>
      <Directory />
    </div>
  </main>
)
