"""The library's pages: view = name = template."""

from django.urls import path

from knowledge import views

urlpatterns = [
    path("", views.documents, name="documents"),
    path("upload/", views.upload_documents, name="upload_documents"),
    path("collections/", views.collections, name="collections"),
    path("collections/<int:collection_id>/", views.collection, name="collection"),
    path("chunks/<int:chunk_id>/", views.chunk, name="chunk"),
    path("<uuid:document_id>/", views.document, name="document"),
    path("<uuid:document_id>/row/", views.document_row, name="document_row"),
    path("<uuid:document_id>/replace/", views.replace_document, name="replace_document"),
    path("<uuid:document_id>/remove/", views.remove_document, name="remove_document"),
    path("<uuid:document_id>/restore/", views.restore_document, name="restore_document"),
    path("<uuid:document_id>/versions/<int:number>/file/", views.download_version, name="download_version"),
    path("<uuid:document_id>/versions/<int:number>/retry/", views.retry_version, name="retry_version"),
]
