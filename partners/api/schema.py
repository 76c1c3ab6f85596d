"""How the API's description names the partners' signatures."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class SignedScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "partners.api.authentication.SignedAuthentication"
    name = "signature"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        description = (
            "With X-AEG-Key, X-AEG-Timestamp and X-AEG-Nonce: `v2=` and the HMAC-SHA256, in lower-case hexadecimal, over "
            "timestamp, nonce, METHOD, path?query and the body's SHA-256, joined by line feeds."
        )
        return {"type": "apiKey", "in": "header", "name": "X-AEG-Signature", "description": description}
