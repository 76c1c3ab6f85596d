"""/api/v1/bonus/"""

from django.urls import path

from bonus.api import views

urlpatterns = [
    path("entries/", views.EntryList.as_view()),
    path("rules/", views.RuleList.as_view()),
    path("closings/", views.ClosingList.as_view()),
    path("closings/<id:closing_id>/", views.ClosingDetail.as_view()),
    path("closings/<id:closing_id>/credits/", views.CreditList.as_view()),
    path("closings/<id:closing_id>/verification/", views.Verification.as_view()),
    path("orders/<id:order_id>/", views.Why.as_view()),
]
