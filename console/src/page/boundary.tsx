/** Catches what a page throws: the page says what can be done about it, and the others go on as if nothing had happened. */
import { Component, type JSX, type ReactNode, useEffect } from 'react'
import { PageHeader } from './page-header.tsx'
import { PageLoadError } from './page-loader.ts'

export interface PageBoundaryProps {
  readonly title: string
  /** How often it was tried before. */
  readonly attempt: number
  readonly onAgain: () => void
  readonly children: ReactNode
}

export class PageBoundary extends Component<PageBoundaryProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return <Failure {...this.props} error={error} />
  }
}

const Failure = ({ title, attempt, onAgain, error }: PageBoundaryProps & { error: unknown }): JSX.Element => {
  const missing = error instanceof PageLoadError
  useEffect(() => {
    if (!missing) return undefined
    addEventListener('online', onAgain)
    return () => removeEventListener('online', onAgain)
  })
  return (
    <main className="plain-page">
      <PageHeader title={title} />
      <div className="plain-page-body" role="alert">
        <h2>{missing ? `${title} could not be loaded` : `${title} has stopped`}</h2>
        <p>
          {missing
            ? 'Its file did not arrive: the network may be gone, or the node was updated meanwhile. It is tried again by itself when the network is back.'
            : 'Something on this page went wrong. The other pages are not affected, and nothing that you sent is lost.'}
        </p>
        <p className="actions">
          <button type="button" className="button" onClick={onAgain}>
            Try again
          </button>
          {attempt > 0 && (
            <button type="button" className="button" onClick={() => location.reload()}>
              Reload everything
            </button>
          )}
        </p>
        {!missing && <pre className="failure-detail">{String(error)}</pre>}
      </div>
    </main>
  )
}
