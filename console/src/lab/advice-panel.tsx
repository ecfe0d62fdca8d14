/** Which transport suits a workload that a person states, on the network of the knobs: the rule of `holdfast advise`. */
import { advise, formatCores, formatMs, MEASURED, type Network, TITLES, type Workload } from 'holdfast/advice'
import { type JSX, useId, useState } from 'react'
import { TransportGlyph } from '../connection/transport-glyph.tsx'
import type { PageKnobs } from './measurement.ts'

/** The network as the knobs have made it; undisturbed connections live long. */
const networkOf = ({ noUpgrade, buffering, cutEverySeconds, delayMs }: PageKnobs): Network => ({
  upgrade: !noUpgrade,
  streaming: !buffering,
  holdMs: cutEverySeconds === 0 ? 60_000 : cutEverySeconds * 1_000,
  roundTripMs: 2 * delayMs,
})

const FIELDS = [
  { name: 'perSecond', label: 'Each client receives', unit: 'a second', least: 0, most: 10_000 },
  { name: 'clients', label: 'Clients', unit: 'at once', least: 1, most: 10_000_000 },
  { name: 'latencyMs', label: 'At most this late', unit: 'ms', least: 1, most: 3_600_000 },
  { name: 'sentPerSecond', label: 'Each client sends', unit: 'a second', least: 0, most: 1_000 },
] as const

type Texts = Readonly<Record<(typeof FIELDS)[number]['name'], string>>

export const AdvicePanel = ({ knobs }: { knobs: PageKnobs }): JSX.Element => {
  const [texts, setTexts] = useState<Texts>({
    perSecond: '5',
    clients: '1000',
    latencyMs: '500',
    sentPerSecond: '0.1',
  })
  const id = useId()
  const workload = workloadOf(texts)
  return (
    <section className="lab-advice" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Which one for you?</h2>
      <div className="lab-advice-fields">
        {FIELDS.map(({ name, label, unit }) => (
          <div className="lab-knob" key={name}>
            <label htmlFor={id + name}>{label}</label>
            <span className="lab-knob-field">
              <input
                id={id + name}
                type="text"
                inputMode="decimal"
                autoComplete="off"
                value={texts[name]}
                aria-describedby={`${id + name}-unit`}
                onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
              />
              <span className="lab-knob-unit" id={`${id + name}-unit`}>
                {unit}
              </span>
            </span>
          </div>
        ))}
      </div>
      <div aria-live="polite">
        {typeof workload === 'string' ? (
          <p className="failure">{workload}</p>
        ) : (
          <Verdict workload={workload} knobs={knobs} />
        )}
      </div>
      <p className="quiet">
        On the network that the knobs make. Costs are those that <code>holdfast compare</code> has measured on{' '}
        {MEASURED.on}, with more clients than a page can be.
      </p>
    </section>
  )
}

const Verdict = ({ workload, knobs }: { workload: Workload; knobs: PageKnobs }): JSX.Element => {
  const { transport, why, candidates, options } = advise(workload, networkOf(knobs), MEASURED)
  return (
    <>
      <p className="lab-advice-choice" data-transport={transport}>
        <TransportGlyph transport={transport} />
        <strong>{TITLES[transport]}</strong>
        <span className="quiet">
          {options.pollIntervalMs !== undefined && `asking every ${formatMs(options.pollIntervalMs)}`}
          {options.holdMs !== undefined && `held for ${formatMs(options.holdMs)}`}
        </span>
      </p>
      <p>{why}</p>
      <ul className="lab-advice-candidates">
        {candidates.map((each) => (
          <li key={each.transport} data-transport={each.transport} data-verdict={each.verdict}>
            <TransportGlyph transport={each.transport} />
            <strong>{TITLES[each.transport]}</strong>
            <span className="number">{each.load === undefined ? '–' : formatCores(each.load.cores)}</span>
            <span className="quiet">{each.why}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

const workloadOf = (texts: Texts): Workload | string => {
  const numbers: Record<string, number> = {}
  for (const { name, label, least, most } of FIELDS) {
    const value = Number(texts[name].replaceAll(/[\s,]/g, ''))
    if (texts[name].trim() === '' || !(value >= least && value <= most))
      return `“${label}” is a number from ${least} to ${most.toLocaleString('en')}.`
    numbers[name] = value
  }
  return numbers as unknown as Workload
}
