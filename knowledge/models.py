"""Collections of documents, their versions, and the chunks and vectors that are searched."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from pgvector.django import HalfVectorField

from knowledge.access import AUDIENCE_WORDS, Audience

if TYPE_CHECKING:
    from knowledge.access import Viewer


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, viewer: Viewer) -> CollectionQuerySet:
        return self.filter(audience__in=[audience.value for audience in viewer.audiences])


class Collection(models.Model):
    """A shelf of documents that share one audience."""

    name = models.CharField(max_length=120, unique=True)
    audience = models.CharField(
        max_length=20, choices=[(a.value, a.value) for a in Audience], default=Audience.PUBLIC.value
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def audience_words(self) -> str:
        return AUDIENCE_WORDS[Audience(self.audience)]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, viewer: Viewer) -> DocumentQuerySet:
        """Documents that are not removed, of the collections that the viewer may read."""
        return self.filter(removed_at=None, collection__in=Collection.objects.visible_to(viewer))

    def restorable_by(self, viewer: Viewer) -> DocumentQuerySet:
        """Documents that were removed and are not purged yet, for those who may remove documents."""
        removed = self.filter(collection__in=Collection.objects.visible_to(viewer)).exclude(removed_at=None)
        return removed if viewer.can_manage_knowledge else self.none()

    def with_versions(self) -> DocumentQuerySet:
        """With their collection and all versions, the texts left out, for pages that list them."""
        versions = DocumentVersion.objects.defer("text").select_related("uploaded_by")
        return self.select_related("collection").prefetch_related(models.Prefetch("versions", versions))


class Document(models.Model):
    """One document over its versions; `live_version` is the one that answers rest on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=255, help_text="The file's name as it was uploaded")
    title = models.CharField(max_length=255)
    live_version = models.OneToOneField(
        "DocumentVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="live_for"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        permissions = [("manage_documents", "Can upload, replace and remove documents")]
        constraints = [
            # an upload of the same name into a collection is a new version, so the name must find one document
            models.UniqueConstraint(
                fields=["collection", "name"],
                condition=models.Q(removed_at=None),
                name="document_name_once_a_collection",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def newest_version(self) -> DocumentVersion:
        return next(iter(self.versions.all()))

    @property
    def failed_replacement(self) -> DocumentVersion | None:
        """The newest version, if it failed while an older one answers."""
        newest = self.newest_version
        has_failed = newest.state == DocumentVersion.State.FAILED
        return newest if has_failed and self.live_version_id else None


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, viewer: Viewer) -> DocumentVersionQuerySet:
        """Versions of the documents that the viewer may read: for readers the live one, for managers all."""
        versions = self.filter(document__in=Document.objects.visible_to(viewer))
        return versions if viewer.can_manage_knowledge else versions.exclude(live_for=None)

    def under_way(self) -> DocumentVersionQuerySet:
        """Versions that have not come to their end and belong to a document that is there."""
        return self.exclude(state__in=DocumentVersion.END_STATES).filter(document__removed_at=None)

    def stalled(self) -> DocumentVersionQuerySet:
        """Versions under way that nobody works on: never queued, or their lease has run out."""
        return self.under_way().filter(models.Q(lease_until=None) | models.Q(lease_until__lt=Now()))


class DocumentVersion(models.Model):
    """One upload of a document, from the bytes to its chunks. The row is the truth about where it stands."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        QUEUED = "queued"
        EXTRACTING = "extracting"
        EMBEDDING = "embedding"
        READY = "ready"
        FAILED = "failed"

    END_STATES = (State.READY, State.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(
        max_length=255, blank=True, help_text="What the document is called once this version is live"
    )
    file = models.FileField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    format = models.CharField(max_length=20, help_text="A key of PARSERS")
    state = models.CharField(max_length=20, choices=State, default=State.UPLOADED)
    failure_code = models.CharField(max_length=40, blank=True)
    failure_detail = models.TextField(blank=True)
    notes = models.JSONField(
        default=list, blank=True, help_text="What staff should know, such as the encoding it was read as"
    )
    language = models.CharField(max_length=8, blank=True)
    text = models.TextField(blank=True)
    chunks_done = models.PositiveIntegerField(default=0)
    chunks_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    locked_by = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_number_once_a_document")]
        indexes = [
            # the reaper looks for versions that are under way
            models.Index(
                fields=["lease_until"], condition=~models.Q(state__in=["ready", "failed"]), name="version_under_way"
            ),
            # an upload asks whether the same bytes are here
            models.Index(fields=["sha256"], name="version_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"

    @property
    def is_under_way(self) -> bool:
        return self.state not in self.END_STATES


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def visible_to(self, viewer: Viewer) -> ChunkQuerySet:
        """Chunks of any version of the documents that the viewer may read."""
        return self.filter(version__document__in=Document.objects.visible_to(viewer))

    def live(self) -> ChunkQuerySet:
        """Chunks that answers may rest on: of the live version of a document that is not removed."""
        return self.filter(version__live_for__isnull=False, version__live_for__removed_at=None)

    def without_vector_of(self, model: EmbeddingModel | None) -> ChunkQuerySet:
        """Chunks that this model has not embedded; all of them when there is no model yet."""
        made = Embedding.objects.filter(model=model, chunk=models.OuterRef("pk"))
        return self.filter(~models.Exists(made)) if model else self.all()


class Chunk(models.Model):
    """A stretch of about 180 words of one version: what search finds and answers cite."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True, help_text="Path of headings above it, joined by ' › '")
    text = models.TextField()
    start = models.PositiveIntegerField(help_text="Offset of its first character in the version's text")
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True, blank=True)
    words = SearchVectorField(help_text="Stemmed words with positions, made by knowledge/words.py")
    length = models.PositiveIntegerField(help_text="How many words, for BM25")

    objects = ChunkQuerySet.as_manager()

    class Meta:
        ordering = ["version", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "ordinal"], name="chunk_ordinal_once_a_version")]
        indexes = [
            # word search: one bitmap scan for each word of the question
            GinIndex(fields=["words"], name="chunk_words", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.version} #{self.ordinal}"


class EmbeddingModel(models.Model):
    """A model whose vectors are stored. Each has an HNSW index of its own; models are never mixed."""

    name = models.CharField(max_length=200, unique=True)
    dimensions = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True, help_text="Since when every live chunk has a vector")
    superseded_at = models.DateTimeField(null=True, blank=True, help_text="When another model took its place")

    def __str__(self) -> str:
        return self.name


class Embedding(models.Model):
    """A chunk's vector under one model. The collection stands beside it so that a scan can filter early."""

    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="embeddings")
    model = models.ForeignKey(EmbeddingModel, on_delete=models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+", db_index=False)
    vector = HalfVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "chunk"], name="embedding_once_a_model")]

    def __str__(self) -> str:
        return f"{self.model} of {self.chunk_id}"
