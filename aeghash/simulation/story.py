"""What happened, line by line: the trace that must be the same for the same seed, and the story that people read."""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aeghash.simulation.actor import Actor
    from aeghash.simulation.fate import Stroke


@dataclass(frozen=True)
class Line:
    at: float
    who: str
    what: str
    stroke: str = ""

    def __str__(self) -> str:
        minutes, seconds = divmod(self.at, 60)
        misfortune = f"   *** {self.stroke}" if self.stroke else ""
        return f"{int(minutes):3d}:{seconds:06.3f}  {self.who:<24} {self.what}{misfortune}"


@dataclass
class Story:
    lines: list[Line] = field(default_factory=list)

    def tell(self, at: float, actor: "Actor", what: str, stroke: "Stroke | None" = None) -> None:
        self.lines.append(Line(round(at, 3), actor.name, what, str(stroke or "")))

    def note(self, at: float, who: str, what: str) -> None:
        self.lines.append(Line(round(at, 3), who, what))

    def digest(self) -> str:
        return hashlib.sha256("\n".join(map(str, self.lines)).encode()).hexdigest()

    def for_people(self) -> list[str]:
        """Without the moves at which nothing is decided: what an actor does next says where it was."""
        return [
            str(line)
            for line in self.lines
            if line.stroke or not line.what.startswith(("checkpoint", "sleep", "start", "committed"))
        ]
