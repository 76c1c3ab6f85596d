"""Ids in addresses."""

from typing import Final

LARGEST_ID: Final = 2**63 - 1


class IdConverter:
    """`<id:job_id>`: what can't be a row's id is an address that doesn't exist, and never reaches the database."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, text: str) -> int:
        number = int(text)
        if number > LARGEST_ID:
            raise ValueError
        return number

    def to_url(self, number: int) -> str:
        return str(number)
