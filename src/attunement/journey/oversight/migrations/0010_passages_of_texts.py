"""What the texts and codes replaced goes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oversight", "0009_themes_become_codes")]

    operations = [
        migrations.RemoveConstraint("passage", "a_passage_is_coded_once_by_each"),
        migrations.RemoveConstraint("interview", "no_transcript_without_consent"),
        migrations.AlterModelOptions("passage", options={"ordering": ["source", "start", "id"]}),
        migrations.RemoveField("passage", "interview"),
        migrations.RemoveField("passage", "theme"),
        migrations.RemoveField("interview", "text"),
        migrations.RemoveField("interview", "redactions"),
        migrations.AlterField("passage", "source", models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="passages", to="oversight.source")),
        migrations.AlterField("passage", "code", models.CharField(max_length=36)),
        migrations.AlterField("passage", "settled", models.CharField(blank=True, max_length=5, choices=[
            ("", "Open"), ("stays", "It stays"), ("goes", "It goes")])),
        migrations.AddConstraint("passage", models.UniqueConstraint(
            fields=("source", "code", "start", "end", "coder"), name="a_passage_is_coded_once_by_each")),
        migrations.AddConstraint("passage", models.CheckConstraint(
            condition=models.Q(("end__gt", models.F("start"))), name="a_passage_has_words")),
        migrations.AddConstraint("interview", models.CheckConstraint(
            condition=models.Q(("ended_on", None), ("consented_on__isnull", False), _connector="OR"),
            name="ends_what_was_agreed")),
    ]
