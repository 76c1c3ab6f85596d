"""/api/v1/risk/devices/: from which devices members ask."""

from django_filters import CharFilter

from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer
from aeghash.core.api.views import ListView
from risk.api.masks import PersonalField
from risk.models import KnownDevice
from risk.rights import VIEW_RISK


class DeviceSerializer(RowSerializer):
    uid = PersonalField(source="user.uid", read_only=True)
    last_ip = PersonalField(read_only=True)

    class Meta:
        model = KnownDevice
        fields = ("id", "uid", "device_id", "first_seen_at", "last_seen_at", "last_ip", "times_seen")


class DeviceFilter(FilterSet):
    uid = CharFilter(field_name="user__uid", max_length=255)
    device_id = CharFilter(max_length=255)
    first_seen_since = InstantFilter(field_name="first_seen_at", lookup_expr="gte")


class DeviceList(ListView):
    """All devices, the latest to appear first."""

    rights = {"GET": (VIEW_RISK,)}
    queryset = KnownDevice.objects.select_related("user")
    serializer_class = DeviceSerializer
    filterset_class = DeviceFilter
