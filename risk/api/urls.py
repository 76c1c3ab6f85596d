"""/api/v1/risk/"""

from django.urls import path

from risk.api import devices, events, lists

urlpatterns = [
    path("events/", events.EventList.as_view()),
    path("events/<id:event_id>/", events.EventDetail.as_view()),
    path("devices/", devices.DeviceList.as_view()),
    path("lists/", lists.Entries.as_view()),
    path("lists/<id:entry_id>/", lists.Entry.as_view()),
]
