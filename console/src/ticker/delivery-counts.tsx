/** What the node published, what of it came here, and what was superseded on the way: three numbers that add up. */
import { type JSX, useEffect, useRef } from 'react'
import type { Delivery } from './delivery.ts'

const EVERY_MS = 500

export const DeliveryCounts = ({ delivery }: { delivery: Delivery }): JSX.Element => {
  const list = useRef<HTMLDListElement>(null)
  useEffect(() => {
    const write = (): void => {
      const { counts } = delivery
      for (const name of ['published', 'delivered', 'superseded'] as const) {
        const cell = list.current?.querySelector(`[data-count-of=${name}]`)
        if (cell) cell.textContent = counts[name].toLocaleString('en')
        const share = list.current?.querySelector(`[data-share-of=${name}]`)
        if (share) share.textContent = shareOf(counts[name], counts.published)
      }
    }
    write()
    const timer = setInterval(write, EVERY_MS)
    return () => clearInterval(timer)
  }, [delivery])
  return (
    <section className="ticker-counts" aria-label="Updates since this page has every price">
      <dl ref={list}>
        <div>
          <dt>published by the node</dt>
          <dd data-count-of="published" />
        </div>
        <div>
          <dt>delivered to you</dt>
          <dd>
            <span data-count-of="delivered" /> <span data-share-of="delivered" />
          </dd>
        </div>
        <div>
          <dt>skipped as superseded</dt>
          <dd>
            <span data-count-of="superseded" /> <span data-share-of="superseded" />
          </dd>
        </div>
      </dl>
      <p className="quiet">
        A price is skipped only if a newer one of the same symbol came before it could be sent.
      </p>
    </section>
  )
}

const shareOf = (count: number, of: number): string => (of === 0 ? '' : `${Math.round((count / of) * 100)} %`)
