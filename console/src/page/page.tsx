/** The page: which part of the console is shown. */
import { type JSX, Suspense, useEffect } from 'react'
import { HoldfastProvider } from 'holdfast/react'
import { client } from '../connection/client.ts'
import { PAGES } from './pages.ts'
import { useRoute } from './route.ts'
import { Shell } from './shell.tsx'

export const Page = (): JSX.Element => {
  const { page, rest } = useRoute()
  const entry = PAGES.find(({ path }) => path === page) ?? PAGES[0]
  useEffect(() => {
    document.title = `${entry?.title} · Holdfast`
  }, [entry])
  return (
    <HoldfastProvider client={client}>
      <Shell current={entry}>
        <Suspense fallback={<p className="loading quiet">Loading …</p>}>
          {entry !== undefined && <entry.View rest={rest} />}
        </Suspense>
      </Shell>
    </HoldfastProvider>
  )
}
