"""The database itself refuses to change or delete an entry of the trail."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER trail_entry_no_{verb} BEFORE {verb} ON trail_entry "
    "BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END"
    for verb in ("update", "delete")
]
POSTGRES = [
    "CREATE FUNCTION trail_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the trail is only added to'; END $$",
    "CREATE TRIGGER trail_entry_no_change BEFORE UPDATE OR DELETE ON trail_entry "
    "FOR EACH ROW EXECUTE FUNCTION trail_is_only_added_to()",
]


def guard(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
