from django.urls import path

from chat import desk, receipt_desk, version_desk, version_launch

urlpatterns = [
    path("feedback/", desk.feedback, name="feedback"),
    path("feedback/<uuid:reply_id>/", desk.feedback_detail, name="feedback_detail"),
    path("receipts/<uuid:reply_id>/", receipt_desk.receipt, name="receipt"),
    path("receipts/<uuid:reply_id>/replay/", receipt_desk.replay, name="replay"),
    path("guardrails/", receipt_desk.findings, name="findings"),
    path("guardrails/<int:finding_id>/", receipt_desk.mark_finding, name="mark_finding"),
    path("assistant/", version_desk.versions, name="versions"),
    path("assistant/draft-from-code/", version_desk.draft_from_code, name="draft_from_code"),
    path("assistant/<int:number>/", version_desk.version, name="version"),
    path("assistant/<int:number>/draft/", version_desk.draft_version, name="draft_version"),
    path("assistant/<int:number>/edit/", version_desk.edit_version, name="edit_version"),
    path("assistant/<int:number>/discard/", version_desk.discard_version, name="discard_version"),
    path("assistant/<int:number>/diff/", version_desk.diff_version, name="diff_version"),
    path("assistant/<int:number>/file/", version_desk.export_version, name="export_version"),
    path("assistant/<int:number>/try/", version_launch.try_version, name="try_version"),
    path("assistant/<int:number>/publish/", version_launch.publish_version, name="publish_version"),
]
