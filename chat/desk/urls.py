from django.urls import path

from chat.desk import feedback, launch, receipts, saved, versions

urlpatterns = [
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/<uuid:reply_id>/", feedback.feedback_detail, name="feedback_detail"),
    path("receipts/<uuid:reply_id>/", receipts.receipt, name="receipt"),
    path("receipts/<uuid:reply_id>/replay/", receipts.replay, name="replay"),
    path("guardrails/", receipts.findings, name="findings"),
    path("guardrails/<int:finding_id>/", receipts.mark_finding, name="mark_finding"),
    path("saved-answers/", saved.saved_answers, name="saved_answers"),
    path("saved-answers/<uuid:answer_id>/", saved.saved_answer, name="saved_answer"),
    path("saved-answers/<uuid:answer_id>/settle/", saved.settle_saved_answer, name="settle_saved_answer"),
    path("assistant/", versions.versions, name="versions"),
    path("assistant/draft-from-code/", versions.draft_from_code, name="draft_from_code"),
    path("assistant/<int:number>/", versions.version, name="version"),
    path("assistant/<int:number>/draft/", versions.draft_version, name="draft_version"),
    path("assistant/<int:number>/edit/", versions.edit_version, name="edit_version"),
    path("assistant/<int:number>/discard/", versions.discard_version, name="discard_version"),
    path("assistant/<int:number>/diff/", versions.diff_version, name="diff_version"),
    path("assistant/<int:number>/file/", versions.export_version, name="export_version"),
    path("assistant/<int:number>/try/", launch.try_version, name="try_version"),
    path("assistant/<int:number>/publish/", launch.publish_version, name="publish_version"),
]
