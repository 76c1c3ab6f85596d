"""/api/v1/partners/"""

from django.urls import path

from partners.api import staff

urlpatterns = [
    path("", staff.PartnerList.as_view()),
    path("keys/", staff.KeyList.as_view()),
    path("keys/<str:key_id>/revoke/", staff.RevokeKey.as_view()),
    path("events/", staff.EventList.as_view()),
    path("events/<id:event_id>/", staff.EventDetail.as_view()),
    path("events/<id:event_id>/reprocess/", staff.ReprocessEvent.as_view()),
    path("events/<id:event_id>/drop/", staff.DropEvent.as_view()),
]
