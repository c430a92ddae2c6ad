from django.apps import AppConfig


class FrontdeskConfig(AppConfig):
    name = "app"
    default_auto_field = "django.db.models.BigAutoField"
