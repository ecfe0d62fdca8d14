/** A price's last minute as a line on a canvas. The colours are the canvas's own, from the styles. */

export interface SparklineColours {
  readonly line: string
  readonly base: string
}

const INSET = 3

/**
 * @param trail once a second, the latest last. @param now what the line ends with. @param length points of a full trail.
 */
export const drawSparkline = (
  canvas: HTMLCanvasElement,
  { trail, now, length }: { trail: readonly number[]; now: number; length: number },
  { line, base }: SparklineColours,
): void => {
  const scale = devicePixelRatio
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  const pen = canvas.getContext('2d')
  if (pen === null || width === 0) return
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale)
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale)
  pen.setTransform(scale, 0, 0, scale, 0, 0)
  pen.clearRect(0, 0, width, height)
  const points = [...trail, now]
  const [first = now] = points
  const low = Math.min(...points)
  const high = Math.max(...points)
  // A price that hardly moves is drawn as hardly moving.
  const span = Math.max(high - low, low * 0.002, 1)
  const middle = (high + low) / 2
  const x = (index: number): number =>
    INSET + ((length + 1 - points.length + index) / length) * (width - 2 * INSET)
  const y = (value: number): number => height / 2 - ((value - middle) / span) * (height - 2 * INSET)
  pen.strokeStyle = base
  pen.lineWidth = 1
  pen.beginPath()
  pen.moveTo(x(0), y(first))
  pen.lineTo(width - INSET, y(first))
  pen.stroke()
  pen.strokeStyle = line
  pen.lineWidth = 1.25
  pen.lineJoin = 'round'
  pen.beginPath()
  points.forEach((value, index) => pen.lineTo(x(index), y(value)))
  pen.stroke()
  pen.fillStyle = line
  pen.beginPath()
  pen.arc(x(points.length - 1), y(now), 1.75, 0, 2 * Math.PI)
  pen.fill()
}
