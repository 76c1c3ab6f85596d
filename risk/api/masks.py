"""Addresses are shown in full to those who may see personal data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aeghash.core.audit.masking import partly_masked_email
from aeghash.core.rights import SEE_PERSONAL_DATA


@extend_schema_field({"type": ["string", "null"]})
class PersonalField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> str | None:
        text = str(value)
        if self.context["request"].user.has_perm(SEE_PERSONAL_DATA):
            return text
        return partly_masked_email(text)
