from django.urls import include, path

from chat import views

urlpatterns = [
    path("", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("ask/", views.ask, name="ask"),
    path("replies/<uuid:reply_id>/", views.reply, name="reply"),
    path("replies/<uuid:reply_id>/again/", views.again, name="again"),
    path("replies/<uuid:reply_id>/feedback/", views.give_feedback, name="give_feedback"),
    path("replies/<uuid:reply_id>/how/", views.how_answered, name="how_answered"),
    path("actions/<uuid:action_id>/confirm/", views.confirm_action, name="confirm_action"),
    path("actions/<uuid:action_id>/decline/", views.decline_action, name="decline_action"),
    path("sources/<uuid:source_id>/", views.source, name="source"),
    path("", include("chat.desk.urls")),
]
