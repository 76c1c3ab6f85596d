"""Text from outside, which may hold what PostgreSQL can't."""


def storable(text: str) -> str:
    """Without NUL, and with a question mark for each half of a character."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
