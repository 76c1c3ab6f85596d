class Refused(Exception):
    """The remote says no to its caller, in its own words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Misuse(ValueError):
    """Whoever steers the sandbox asked for something that can't be."""
