"""A bar on a terminal, for what may take over two seconds. Anywhere else it is silent."""

import sys
from typing import Final, TextIO

WIDTH: Final = 40


class Progress:
    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total = max(total, 1)
        self.stream = stream or sys.stderr
        self.is_shown = self.stream.isatty()

    def show(self, done: int) -> None:
        if not self.is_shown:
            return
        full = WIDTH * min(done, self.total) // self.total
        self.stream.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {100 * min(done, self.total) // self.total} %")
        self.stream.write("\n" if done >= self.total else "")
        self.stream.flush()
