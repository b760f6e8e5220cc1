"""Texts of three kinds, the codebook's versions, and what is said of a theme: first beside what was there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import attunement.journey.trail.versions

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
VERSION = ("study_version", models.IntegerField(default=attunement.journey.trail.versions.latest_number))


class Migration(migrations.Migration):
    dependencies = [
        ("oversight", "0007_interviews"),
        ("referral", "0002_contact_and_agreement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ID,
                ("kind", models.CharField(max_length=12, choices=[
                    ("transcript", "Transcript"), ("open_answer", "Open answer"), ("session_note", "Session note")])),
                ("about", models.CharField(blank=True, max_length=80)),
                ("text", models.TextField()),
                ("redactions", models.JSONField(default=list)),
                ("consented_on", models.DateField()),
                ("kept_at", models.DateTimeField()),
                VERSION,
                ("family", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="told",
                                             to="referral.family")),
                ("kept_by", models.ForeignKey(**PERSON)),
            ],
            options={"ordering": ["family__code", "id"]},
        ),
        migrations.AddConstraint("source", models.UniqueConstraint(fields=("family", "kind", "about"),
                                                                   name="a_text_is_kept_once")),
        migrations.CreateModel(
            name="CodebookVersion",
            fields=[
                ID,
                ("number", models.PositiveIntegerField(unique=True)),
                ("codes", models.JSONField()),
                ("verb", models.CharField(max_length=10)),
                ("code", models.CharField(blank=True, max_length=36)),
                ("why", models.TextField()),
                ("at", models.DateTimeField()),
                VERSION,
                ("by", models.ForeignKey(**PERSON)),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.CreateModel(
            name="Summary",
            fields=[
                ID,
                ("code", models.CharField(max_length=36)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                VERSION,
                ("by", models.ForeignKey(**PERSON)),
                ("family", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                                             to="referral.family")),
            ],
            options={"ordering": ["family__code", "code"]},
        ),
        migrations.AddConstraint("summary", models.UniqueConstraint(fields=("family", "code"),
                                                                    name="a_cell_has_one_summary")),
        migrations.AddField("interview", "ended_on", models.DateField(null=True)),
        migrations.AddField("passage", "source", models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="passages", to="oversight.source")),
        migrations.AddField("passage", "code", models.CharField(default="", max_length=36)),
        migrations.AddField("passage", "settled", models.CharField(blank=True, default="", max_length=5, choices=[
            ("", "Open"), ("stays", "It stays"), ("goes", "It goes")])),
        migrations.AddField("passage", "settled_by", models.ForeignKey(null=True, **PERSON)),
    ]
