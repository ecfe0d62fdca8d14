/** Stands in for a page whose half on the node does not run there, and says how to get one that does. */
import type { JSX, ReactNode } from 'react'
import type { Features } from './features.ts'
import { PageHeader } from './page-header.tsx'
import type { PageEntry } from './pages.ts'
import { hrefOf } from './route.ts'

export const MissingFeature = ({
  entry,
  needs,
}: {
  entry: PageEntry
  needs: keyof Features
}): JSX.Element => (
  <main className="plain-page">
    <PageHeader title={entry.title} />
    <div className="plain-page-body">{EXPLANATIONS[needs](entry)}</div>
  </main>
)

const EXPLANATIONS: Readonly<Record<keyof Features, (entry: PageEntry) => ReactNode>> = {
  examples: ({ title }) => (
    <>
      <h2>{title} has a half on the node, and it does not run there</h2>
      <p>
        This node runs without the use cases: it was started with <code>--no-examples</code>, asks people to
        sign in, or can be reached from other machines. One that runs them, on this machine:
      </p>
      <pre>
        <code>holdfast serve --memory --port 0</code>
      </pre>
      <p>
        It prints its address. The <a href={hrefOf('chat')}>chat</a> works here too: it needs nothing but
        channels.
      </p>
    </>
  ),
  lab: ({ title }) => (
    <>
      <h2>{title} is switched off on this node</h2>
      <p>It starts servers and networks of its own, so only a node for development offers it. Start one:</p>
      <pre>
        <code>holdfast serve --memory --port 0</code>
      </pre>
    </>
  ),
  admin: ({ title }) => (
    <>
      <h2>{title} is switched off on this node</h2>
      <p>Whoever runs the node can allow it. A node of your own, on this machine, has it:</p>
      <pre>
        <code>holdfast serve --memory --port 0</code>
      </pre>
    </>
  ),
}
