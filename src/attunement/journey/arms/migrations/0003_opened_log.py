"""Strata as they were at allocation, lists, what takes two people, and the opening. The guards are set up again, for
SQLite makes a table anew to add a column and loses them."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT, STANDS = "a list is never changed", "what two people agreed is never changed"
OLD = import_module("attunement.journey.arms.migrations.0002_never_changed")
SQLITE = [
    *[f"CREATE TRIGGER arms_placelist_no_{verb} BEFORE {verb} ON arms_placelist "
      f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END" for verb in ("update", "delete")],
    f"CREATE TRIGGER arms_proposal_no_update BEFORE update ON arms_proposal WHEN OLD.agreed_at IS NOT NULL "
    f"BEGIN SELECT RAISE(ABORT, '{STANDS}'); END",
    f"CREATE TRIGGER arms_proposal_no_delete BEFORE delete ON arms_proposal "
    f"BEGIN SELECT RAISE(ABORT, '{STANDS}'); END",
    *[f"CREATE TRIGGER arms_opened_no_{verb} BEFORE {verb} ON arms_opened "
      f"BEGIN SELECT RAISE(ABORT, '{STANDS}'); END" for verb in ("update", "delete")],
]
POSTGRES = [
    f"CREATE FUNCTION arms_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{STANDS}'; END $$",
    f"CREATE FUNCTION arms_list_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$",
    "CREATE TRIGGER arms_placelist_no_change BEFORE UPDATE OR DELETE ON arms_placelist "
    "FOR EACH ROW EXECUTE FUNCTION arms_list_is_kept()",
    "CREATE TRIGGER arms_proposal_no_update BEFORE UPDATE ON arms_proposal "
    "FOR EACH ROW WHEN (OLD.agreed_at IS NOT NULL) EXECUTE FUNCTION arms_stands()",
    "CREATE TRIGGER arms_proposal_no_delete BEFORE DELETE ON arms_proposal FOR EACH ROW EXECUTE FUNCTION arms_stands()",
    "CREATE TRIGGER arms_opened_no_change BEFORE UPDATE OR DELETE ON arms_opened "
    "FOR EACH ROW EXECUTE FUNCTION arms_stands()",
]


def guard(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        for statement in POSTGRES:
            schema_editor.execute(statement)
        return
    for statement in OLD.SQLITE:
        name = statement.split()[2]
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    for statement in [*OLD.SQLITE, *SQLITE]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('arms', '0002_never_changed'),
        ('referral', '0002_contact_and_agreement'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Opened',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('entry', models.BigIntegerField(unique=True)),
                ('at', models.DateTimeField()),
                ('study_version', models.IntegerField()),
                ('only', models.BooleanField(default=True, unique=True)),
            ],
        ),
        migrations.AddField(
            model_name='allocation',
            name='levels',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='scheme',
            name='certificate',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='scheme',
            name='factors',
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name='PlaceList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('test', 'To try out'), ('live', "For the study's families")], max_length=4)),
                ('places', models.JSONField()),
                ('sealed_rows', models.BinaryField()),
                ('mark', models.CharField(max_length=64, unique=True)),
                ('uploaded_at', models.DateTimeField()),
                ('study_version', models.IntegerField()),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='scheme',
            name='listed',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scheme', to='arms.placelist'),
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('in_error', 'Allocated in error'), ('ineligible', 'Found ineligible after allocation'), ('withdrawn', 'Left the study after allocation'), ('unblinding', 'Show the arm to one masked person'), ('opening', 'Open the seed at the end')], max_length=12)),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(null=True)),
                ('study_version', models.IntegerField()),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('family', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='referral.family')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='agreed_by_a_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), _connector='OR'), name='agreed_by_somebody_on_a_day'), models.UniqueConstraint(condition=models.Q(('agreed_by', None)), fields=('kind', 'family', 'person'), name='proposed_once_at_a_time', nulls_distinct=False)],
            },
        ),
        migrations.AlterField(
            model_name='allocation',
            name='allocated_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
