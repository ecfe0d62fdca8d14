/** Where a run is, and how long it may still take: one line that is drawn over on a terminal, one for each step elsewhere. */
const WIDTH = 20

export class Progress {
  readonly #total: number
  readonly #beganMs = performance.now()
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** Another step begins. */
  next(text: string): void {
    const full = Math.round((this.#done / this.#total) * WIDTH)
    const left = this.#done === 0 ? '' : `, ${this.#left()} left`
    const line = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${++this.#done}/${this.#total}${left}  ${text}`
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`)
    else process.stderr.write(`${line}\n`)
  }

  /** Makes room for other lines. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }

  #left(): string {
    const seconds = (((performance.now() - this.#beganMs) / this.#done) * (this.#total - this.#done)) / 1_000
    return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
  }
}
