"""Request bodies in."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from aeghash.core import strict_json


class StrictJsonParser(BaseParser):
    """One JSON object, which no two readers could read as two things. How long it is, the middleware has bounded."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            value = strict_json.parse(stream.read())
        except strict_json.BadJson as error:
            raise ParseError(str(error)) from None
        if not isinstance(value, dict):
            raise ParseError("The body must be a JSON object.")
        return value
