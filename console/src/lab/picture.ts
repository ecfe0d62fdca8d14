/** The result as files: an image with the table and the plot, and everything as JSON. */
import type { Row } from 'holdfast/lab'
import { TITLES, TRANSPORTS } from '../connection/transports.ts'
import { tableLines } from './comparison-table.tsx'
import type { LabState } from './measurement.ts'

export const saveJson = (state: LabState, rows: readonly Row[], trail: unknown): void => {
  const { knobs, published, lanes } = state
  const content = {
    at: new Date().toISOString(),
    browser: navigator.userAgent,
    knobs,
    published,
    rows,
    lanes,
    trail,
  }
  save(new Blob([JSON.stringify(content, undefined, 2)], { type: 'application/json' }), 'json')
}

export const savePicture = async (
  state: LabState,
  rows: readonly Row[],
  plot: HTMLCanvasElement | undefined,
): Promise<void> => {
  const canvas = draw(state, rows, plot)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (blob === null) throw new Error('the browser made no image')
  save(blob, 'png')
}

const save = (blob: Blob, ending: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `holdfast-lab-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-')}.${ending}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

const WIDTH = 960
const MARGIN = 32
const LABEL = 200
const LINE = 32
const PLOT_HEIGHT = 260
const SCALE = 2

const draw = (
  { knobs }: LabState,
  rows: readonly Row[],
  plot: HTMLCanvasElement | undefined,
): HTMLCanvasElement => {
  const lines = tableLines(rows)
  const tableTop = 104
  const plotTop = tableTop + (lines.length + 1) * LINE + 40
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH * SCALE
  canvas.height = (plotTop + PLOT_HEIGHT + MARGIN) * SCALE
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('the browser draws nothing')
  context.scale(SCALE, SCALE)
  const pen = penFor(context)
  context.fillStyle = pen.colour('--paper')
  context.fillRect(0, 0, WIDTH, canvas.height)
  pen.text('Transports, measured by Holdfast', MARGIN, 48, { font: '600 22px', colour: '--ink' })
  pen.text(conditionsOf(knobs), MARGIN, 74, { font: '14px', colour: '--ink-quiet' })
  const column = (WIDTH - 2 * MARGIN - LABEL) / TRANSPORTS.length
  const right = (at: number): number => MARGIN + LABEL + (at + 1) * column
  for (const [at, transport] of TRANSPORTS.entries())
    pen.text(TITLES[transport], right(at), tableTop + 21, {
      font: '600 15px',
      colour: `--${transport}`,
      align: 'right',
    })
  for (const [index, { label, cells }] of lines.entries()) {
    const y = tableTop + (index + 1) * LINE
    context.fillStyle = pen.colour('--line')
    context.fillRect(MARGIN, y, WIDTH - 2 * MARGIN, 1)
    pen.text(label, MARGIN, y + 21, { font: '14px', colour: '--ink-quiet' })
    for (const [at, cell] of cells.entries())
      pen.text(cell, right(at), y + 21, { font: '14px', colour: '--ink', align: 'right' })
  }
  pen.text('From publishing to the page, over time', MARGIN, plotTop - 8, {
    font: '14px',
    colour: '--ink-quiet',
  })
  if (plot !== undefined) context.drawImage(plot, MARGIN, plotTop, WIDTH - 2 * MARGIN, PLOT_HEIGHT)
  return canvas
}

const conditionsOf = (knobs: LabState['knobs']): string =>
  [
    `${knobs.perSecond} publications a second of ${knobs.payloadBytes} bytes`,
    `polling every ${knobs.pollIntervalMs} ms`,
    knobs.delayMs > 0 && `${knobs.delayMs} ms of delay each way`,
    knobs.cutEverySeconds > 0 && `connections cut after ${knobs.cutEverySeconds} s`,
    knobs.buffering && 'a proxy that buffers',
    knobs.noUpgrade && 'no WebSocket',
  ]
    .filter(Boolean)
    .join(', ')

interface Writing {
  readonly font: string
  readonly colour: string
  readonly align?: CanvasTextAlign
}

interface Pen {
  colour(name: string): string
  text(text: string, x: number, y: number, writing: Writing): void
}

const penFor = (context: CanvasRenderingContext2D): Pen => {
  const probe = document.createElement('span')
  const { fontFamily } = getComputedStyle(document.body)
  const colour = (name: string): string => {
    document.body.append(probe)
    probe.style.color = `var(${name})`
    const resolved = getComputedStyle(probe).color
    probe.remove()
    return resolved
  }
  return {
    colour,
    text(text, x, y, { font, colour: name, align = 'left' }) {
      context.font = `${font} ${fontFamily}`
      context.fillStyle = colour(name)
      context.textAlign = align
      context.fillText(text, x, y)
    },
  }
}
