"""Text from outside, which may hold what PostgreSQL can't."""


def storable(text: str) -> str:
    """Without NUL, and with a question mark for each half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
