from django.contrib import admin
from django.urls import include, path

from app.health import health

urlpatterns = [
    path("", include("chat.urls")),
    path("evals/", include("evals.urls")),
    path("knowledge/", include("knowledge.urls")),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
]
