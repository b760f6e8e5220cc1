"""The database itself refuses to change or delete what the register says has left."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER oversight_published_no_{verb} BEFORE {verb} ON oversight_published "
    "BEGIN SELECT RAISE(ABORT, 'what has left stays in the register'); END"
    for verb in ("update", "delete")
]
POSTGRES = [
    "CREATE FUNCTION oversight_release_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'what has left stays in the register'; END $$",
    "CREATE TRIGGER oversight_published_no_change BEFORE UPDATE OR DELETE ON oversight_published "
    "FOR EACH ROW EXECUTE FUNCTION oversight_release_stays()",
]


def guard(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("oversight", "0010_passages_of_texts")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
