from django.urls import path

from chat import desk

urlpatterns = [
    path("feedback/", desk.feedback, name="feedback"),
    path("feedback/<uuid:reply_id>/", desk.feedback_detail, name="feedback_detail"),
]
