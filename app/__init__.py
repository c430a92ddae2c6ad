from app.celery import celery

__all__ = ["celery"]
