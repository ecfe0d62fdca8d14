/** The first page: what this is, shown at work, and the way into every other. */
import type { JSX } from 'react'
import { Directory } from '../page/directory.tsx'
import { Tool } from '../page/tool.tsx'
import { LiveLog } from './live-log.tsx'
import './overview.css'

export const View = (): JSX.Element => (
  <Tool title="Overview" summary="Realtime channels that lose nothing">
    <div className="overview">
      <section className="overview-lead">
        <h2>One log, four ways along it</h2>
        <p>
          Every channel is a log. WebSocket, SSE, long polling and polling only move a reader’s cursor along
          it, so a message may come later over one than over another, and none is missing. Below, this page
          publishes twice a second and reads the same channel over all four.
        </p>
      </section>
      <LiveLog />
      <Directory />
    </div>
  </Tool>
)
