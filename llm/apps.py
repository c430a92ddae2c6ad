from django.apps import AppConfig


class LLMConfig(AppConfig):
    name = "llm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llm import checks  # noqa: F401 (it registers itself)
