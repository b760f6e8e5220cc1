"""Addresses of this stage."""

from django.urls import path

from attunement.journey.oversight import codebook_views, interview_views, lock_views, register_views, views
from attunement.journey.oversight import panels as _panels  # noqa: F401 - hangs itself on earlier pages

urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("review/", views.review, name="review_point"),
    path("review/pack/", views.pack, name="review_pack"),
    path("review/sign/", views.sign_review, name="sign_review"),
    path("registers/", register_views.registers, name="registers"),
    path("registers/open/", register_views.open_entry, name="open_entry"),
    path("registers/look/", register_views.look_for_deviations, name="look_for_deviations"),
    path("registers/<int:raised_id>/", register_views.entry, name="register_entry"),
    path("registers/<int:raised_id>/acknowledge/", register_views.acknowledge, name="acknowledge_entry"),
    path("study/", views.study, name="study"),
    path("study/amend/", views.amend, name="amend"),
    path("interviews/", interview_views.interviews, name="interviews"),
    path("interviews/codebook/", codebook_views.codebook, name="codebook"),
    path("interviews/codebook/<str:guid>/", codebook_views.code, name="code"),
    path("interviews/take-in/", codebook_views.take_in, name="take_in_coding"),
    path("interviews/matrix/", codebook_views.matrix, name="interview_matrix"),
    path("interviews/matrix/<str:code>/<str:guid>/", codebook_views.cell, name="interview_cell"),
    path("interviews/files/<str:name>", codebook_views.file, name="interview_file"),
    path("interviews/differences/", interview_views.differences, name="interview_differences"),
    path("interviews/texts/<int:source_id>/", interview_views.text, name="interview_text"),
    path("interviews/passages/<int:passage_id>/settle/<str:verdict>/", interview_views.settle, name="settle_difference"),
    path("interviews/passages/<int:passage_id>/<str:clearance>/", interview_views.decide, name="decide_quote"),
    path("interviews/<str:code>/", interview_views.interview, name="interview"),
    path("interviews/<str:code>/text/", interview_views.add_text, name="interview_add_text"),
    path("interviews/<str:code>/take-back/", interview_views.take_back, name="interview_take_back"),
    path("locks/", lock_views.locks, name="locks"),
    path("locks/begin/", lock_views.begin, name="begin_lock"),
    path("locks/<int:lock_id>/", lock_views.lock, name="lock"),
    path("locks/<int:lock_id>/scrambled/", lock_views.scrambled, name="lock_scrambled"),
    path("locks/<int:lock_id>/editions/<int:number>/", lock_views.edition, name="lock_edition"),
    path("locks/<int:lock_id>/steps/<str:code>/", lock_views.step, name="lock_step"),
    path("snapshots/", views.snapshots, name="snapshots"),
    path("snapshots/lock-plan/", views.lock_plan, name="lock_plan"),
    path("snapshots/take/", views.take_snapshot, name="take_snapshot"),
    path("snapshots/<str:name>/release/", views.release, name="release"),
    path("snapshots/<str:name>/build/", views.build_report, name="build_report"),
    path("releases/", views.releases, name="releases"),
    path("releases/<int:published_id>/", views.release_manifest, name="release_manifest"),
    path("snapshots/<str:name>/report/", views.report, name="report"),
]
