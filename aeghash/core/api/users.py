"""/api/v1/users/"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.permissions import ANY_STAFF
from aeghash.core.api.views import ApiView
from aeghash.core.models import TotpDevice, User
from aeghash.core.rights import TABLE, permission


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField()
    groups = serializers.ListField(child=serializers.CharField())
    rights = serializers.ListField(child=serializers.CharField())
    second_factor = serializers.BooleanField(help_text="Whether an authenticator is enrolled.")


class MeView(ApiView):
    """Who is calling, and what they may do."""

    rights = {"GET": ANY_STAFF}

    @extend_schema(operation_id="users_me", responses=MeSerializer)
    def get(self, _request: Request) -> Response:
        return Response(MeSerializer(described(self.caller)).data)


def described(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "rights": [name for name in TABLE if user.has_perm(permission(name))],
        "second_factor": TotpDevice.objects.filter(user=user, confirmed=True).exists(),
    }
