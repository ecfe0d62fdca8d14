/** One page of the console: its file once it is here, and in its place what keeps it from being shown. */
import { type JSX, Suspense, use, useState } from 'react'
import { PageBoundary } from './boundary.tsx'
import { features } from './features.ts'
import { forget, viewOf } from './page-loader.ts'
import { MissingFeature } from './missing-feature.tsx'
import type { PageEntry, PageProps } from './pages.ts'

export const PageView = ({ entry, rest }: { entry: PageEntry } & PageProps): JSX.Element => {
  const [attempt, setAttempt] = useState(0)
  const again = (): void => {
    forget(entry)
    setAttempt(attempt + 1)
  }
  return (
    <PageBoundary key={`${entry.path} ${attempt}`} title={entry.title} attempt={attempt} onAgain={again}>
      <Suspense fallback={<p className="loading quiet">Loading …</p>}>
        <Loaded entry={entry} rest={rest} />
      </Suspense>
    </PageBoundary>
  )
}

const Loaded = ({ entry, rest }: { entry: PageEntry } & PageProps): JSX.Element => {
  const View = use(viewOf(entry))
  const offered = use(features)
  const { needs } = entry
  if (needs !== undefined && offered[needs] === false) return <MissingFeature entry={entry} needs={needs} />
  return <View rest={rest} />
}
