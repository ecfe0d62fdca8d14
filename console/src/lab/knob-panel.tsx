/** What can be set of a measurement: what is published, how often regular polling asks, and what the network does. */
import { KNOBS } from 'holdfast/lab'
import { type JSX, useEffect, useId, useState } from 'react'
import type { PageKnobs } from './measurement.ts'

export interface KnobPanelProps {
  readonly knobs: PageKnobs
  readonly onSet: (change: Partial<PageKnobs>) => void
}

export const KnobPanel = ({ knobs, onSet }: KnobPanelProps): JSX.Element => {
  const number = (name: NumberName): JSX.Element => (
    <NumberKnob key={name} name={name} value={knobs[name]} onSet={onSet} />
  )
  return (
    <>
      <fieldset>
        <legend>Publications</legend>
        {number('perSecond')}
        {number('payloadBytes')}
        {number('publications')}
        {number('pollIntervalMs')}
      </fieldset>
      <fieldset>
        <legend>Network</legend>
        {number('delayMs')}
        {number('cutEverySeconds')}
        <Switch
          title="Proxy that buffers"
          explanation="Holds answers back until they end"
          on={knobs.buffering}
          onSet={(buffering) => onSet({ buffering })}
        />
        <Switch
          title="Proxy without WebSocket"
          explanation="Takes the upgrade out of requests"
          on={knobs.noUpgrade}
          onSet={(noUpgrade) => onSet({ noUpgrade })}
        />
      </fieldset>
      <p className="quiet">
        All of it can be changed while it runs. The numbers begin anew with every change.
      </p>
    </>
  )
}

type NumberName =
  'perSecond' | 'payloadBytes' | 'publications' | 'pollIntervalMs' | 'delayMs' | 'cutEverySeconds'

const TEXTS: Readonly<Record<NumberName, { label: string; unit: string }>> = {
  perSecond: { label: 'Rate', unit: 'per second' },
  payloadBytes: { label: 'Data of each', unit: 'bytes' },
  publications: { label: 'How many', unit: 'in all' },
  pollIntervalMs: { label: 'Polling asks every', unit: 'ms' },
  delayMs: { label: 'Delay, each way', unit: 'ms' },
  cutEverySeconds: { label: 'Cut connections after', unit: 's, 0 never' },
}

const boundsOf = (name: NumberName): { least: number; most: number } =>
  name === 'pollIntervalMs' ? { least: 100, most: 10_000 } : KNOBS[name]

interface NumberKnobProps {
  readonly name: NumberName
  readonly value: number
  readonly onSet: KnobPanelProps['onSet']
}

/** What is typed counts when it is done with, and only within its bounds. */
const NumberKnob = ({ name, value, onSet }: NumberKnobProps): JSX.Element => {
  const [text, setText] = useState(String(value))
  const id = useId()
  const { least, most } = boundsOf(name)
  useEffect(() => setText(String(value)), [value])
  const typed = Number(text)
  const fits = text.trim() !== '' && Number.isInteger(typed) && typed >= least && typed <= most
  const done = (): void => {
    if (fits && typed !== value) onSet({ [name]: typed })
    else if (!fits) setText(String(value))
  }
  return (
    <div className="lab-knob">
      <label htmlFor={id}>{TEXTS[name].label}</label>
      <span className="lab-knob-field">
        <input
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete="off"
          value={text}
          aria-invalid={!fits}
          aria-describedby={`${id}-unit`}
          onChange={({ target }) => setText(target.value)}
          onBlur={done}
          onKeyDown={({ key }) => key === 'Enter' && done()}
        />
        <span className="lab-knob-unit" id={`${id}-unit`}>
          {fits ? TEXTS[name].unit : `${least} to ${most.toLocaleString('en')}`}
        </span>
      </span>
    </div>
  )
}

interface SwitchProps {
  readonly title: string
  readonly explanation: string
  readonly on: boolean
  readonly onSet: (on: boolean) => void
}

const Switch = ({ title, explanation, on, onSet }: SwitchProps): JSX.Element => (
  <label className="lab-knob-switch">
    <input type="checkbox" role="switch" checked={on} onChange={({ target }) => onSet(target.checked)} />
    <span>
      {title}
      <span className="quiet">{explanation}</span>
    </span>
  </label>
)
