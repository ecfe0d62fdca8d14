/** The transport lab: four transports side by side on the same publications, over a network that can be made as bad as one likes. */
import { useClient } from 'holdfast/react'
import { type JSX, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type uPlot from 'uplot'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import { TITLES, TRANSPORTS } from '../connection/transports.ts'
import { MEDIUM, useMedia } from '../page/media.ts'
import { PageHeader } from '../page/page-header.tsx'
import type { PageProps } from '../page/pages.ts'
import { AdvicePanel } from './advice-panel.tsx'
import { ComparisonTable, rowsOfLab } from './comparison-table.tsx'
import { inMillis } from './format.ts'
import { KnobPanel } from './knob-panel.tsx'
import { Lane } from './lane.tsx'
import { LatencyPlot } from './latency-plot.tsx'
import { type LabState, Measurement } from './measurement.ts'
import { savePicture, saveJson } from './picture.ts'
import './lab.css'

export const View = (_props: PageProps): JSX.Element => {
  const client = useClient()
  const [measurement] = useState(() => new Measurement(client))
  const state = useSyncExternalStore(measurement.listen, () => measurement.state)
  const medium = useMedia(MEDIUM)
  // Whoever leaves the page leaves nothing running on the node.
  useEffect(() => () => measurement.stop(), [measurement])
  const knobs = <KnobPanel knobs={state.knobs} onSet={(change) => measurement.set(change)} />
  const control = <Control measurement={measurement} state={state} />
  return (
    <main className="lab">
      <PageHeader
        title="Transport lab"
        summary="The same publications over four transports at once, here and now"
        actions={medium && control}
      />
      {!medium && control}
      <div className="lab-body">
        {state.failure !== undefined && <Failure measurement={measurement} failure={state.failure} />}
        <div className="lab-columns">
          <div className="lab-results">
            <div className="lab-lanes">
              {TRANSPORTS.map((transport) => (
                <Lane
                  key={transport}
                  transport={transport}
                  lane={state.lanes?.[transport]}
                  stage={state.stage}
                  payloadBytes={state.knobs.payloadBytes}
                  onChoose={() => measurement.chooseItself(transport)}
                />
              ))}
            </div>
            <Results measurement={measurement} state={state} />
          </div>
          <aside className="lab-knobs" aria-label="Knobs">
            {medium ? (
              <div className="lab-knobs-stay">{knobs}</div>
            ) : (
              <details>
                <summary>Rate, size and network</summary>
                {knobs}
              </details>
            )}
          </aside>
        </div>
      </div>
    </main>
  )
}

interface PartProps {
  readonly measurement: Measurement
  readonly state: LabState
}

const Control = ({ measurement, state }: PartProps): JSX.Element => {
  const { stage, published, knobs } = state
  const live = stage === 'starting' || stage === 'connecting' || stage === 'running'
  return (
    <div className="lab-control">
      <p className="quiet number" role="status">
        {STAGES[stage](published, knobs.publications)}
      </p>
      <progress
        max={knobs.publications}
        value={stage === 'ready' || stage === 'failed' ? 0 : published}
        aria-label="Published"
      />
      {live ? (
        <button type="button" className="button" onClick={() => measurement.stop()}>
          Stop
        </button>
      ) : (
        <button type="button" className="button lab-start" onClick={() => void measurement.start()}>
          {stage === 'over' ? 'Measure again' : 'Measure'}
        </button>
      )}
    </div>
  )
}

const STAGES: Readonly<Record<LabState['stage'], (published: number, of: number) => string>> = {
  ready: () => 'Starts five small servers on this machine',
  starting: () => 'Starting the servers …',
  connecting: () => 'Connecting …',
  running: (published, of) => `${published.toLocaleString('en')} of ${of.toLocaleString('en')}`,
  over: (published) => `${published.toLocaleString('en')} published`,
  failed: () => 'Not running',
}

const Failure = ({
  measurement,
  failure,
}: {
  measurement: Measurement
  failure: NonNullable<LabState['failure']>
}): JSX.Element => (
  <div className="lab-failure" role="alert">
    <p>{failure.text}</p>
    {failure.mayTakeOver && (
      <button type="button" className="button small" onClick={() => void measurement.start(true)}>
        Take over
      </button>
    )}
  </div>
)

const Results = ({ measurement, state }: PartProps): JSX.Element => {
  const plot = useRef<uPlot | undefined>(undefined)
  const [failure, setFailure] = useState<string>()
  const rows = rowsOfLab(state)
  const measured = rows.some(({ deliveries }) => deliveries > 0)
  const { knobs, lanes, uncertaintyMs } = state
  const saveImage = (): void => {
    savePicture(state, rows, plot.current?.ctx.canvas).then(
      () => setFailure(undefined),
      (error: unknown) => setFailure(`The image could not be saved: ${(error as Error).message}.`),
    )
  }
  const said = TRANSPORTS.map(
    (each) => `${TITLES[each]} ${inMillis(lanes?.[each].phase.latency.p50 ?? null)}`,
  )
  return (
    <>
      <figure className="lab-figure">
        <figcaption>
          <h2>From publishing to this page</h2>
          <ul className="lab-legend" aria-hidden="true">
            {TRANSPORTS.map((transport) => (
              <li key={transport} data-transport={transport}>
                <TransportGlyph transport={transport} />
                {TITLES[transport]}
              </li>
            ))}
          </ul>
        </figcaption>
        <LatencyPlot
          trail={measurement.trail}
          expectedSeconds={knobs.publications / knobs.perSecond + 2}
          summary={`Latency over time. Medians: ${said.join(', ')}.`}
          plot={plot}
        />
      </figure>
      <section className="lab-comparison" aria-labelledby="lab-comparison">
        <header>
          <h2 id="lab-comparison">Compared</h2>
          <div className="lab-save">
            <button type="button" className="button small" disabled={!measured} onClick={saveImage}>
              Save as image
            </button>
            <button
              type="button"
              className="button small"
              disabled={!measured}
              onClick={() => saveJson(state, rows, measurement.trail.data)}
            >
              Save as JSON
            </button>
          </div>
        </header>
        <p className="failure" role="alert">
          {failure}
        </p>
        <ComparisonTable rows={rows} />
        <p className="quiet">
          A message is one publication that this page was handed. Bytes and requests are the servers’ own
          count; CPU is the server’s process, less that of one that publishes the same to nobody. With one
          client it is a rough figure: <code>holdfast compare</code> takes more.
          {measured && ` Latencies may be off by ${inMillis(uncertaintyMs)}.`}
        </p>
      </section>
      <AdvicePanel knobs={knobs} />
    </>
  )
}
