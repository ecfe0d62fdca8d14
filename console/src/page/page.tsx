/** The page: which part of the console is shown. */
import { type JSX, useEffect } from 'react'
import { HoldfastProvider } from 'holdfast/react'
import { client } from '../connection/client.ts'
import { NotFound } from './not-found.tsx'
import { PageView } from './page-view.tsx'
import { pageAt } from './pages.ts'
import { useRoute } from './route.ts'
import { Shell } from './shell.tsx'

export const Page = (): JSX.Element => {
  const { page, rest } = useRoute()
  const entry = pageAt(page)
  useEffect(() => {
    document.title = entry === undefined ? 'No such page · Holdfast' : `${entry.title} · Holdfast`
  }, [entry])
  return (
    <HoldfastProvider client={client}>
      <Shell current={entry}>
        {entry === undefined ? <NotFound page={page} /> : <PageView entry={entry} rest={rest} />}
      </Shell>
    </HoldfastProvider>
  )
}
