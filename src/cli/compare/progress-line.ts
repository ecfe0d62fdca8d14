/** How far it is: one line that is drawn over on a terminal, a line for each step elsewhere. */
import type { CompareProgress } from '../../lab/node.ts'

const WIDTH = 24

export interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export class ProgressLine {
  readonly #screen: Screen
  #last = ''

  constructor(screen: Screen) {
    this.#screen = screen
  }

  show({ what, done }: CompareProgress): void {
    if (this.#screen.isTTY === true) {
      const full = Math.round(done * WIDTH)
      this.#screen.write(`\r\u001b[2K${'━'.repeat(full)}${'╌'.repeat(WIDTH - full)} ${what}`)
    } else if (what !== this.#last) this.#screen.write(`${what} …\n`)
    this.#last = what
  }

  clear(): void {
    if (this.#screen.isTTY === true && this.#last !== '') this.#screen.write('\r\u001b[2K')
  }
}
