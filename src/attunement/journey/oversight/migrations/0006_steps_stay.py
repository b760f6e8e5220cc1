"""The database itself refuses to change or delete a step of a lock, or an edition."""

from django.db import migrations

TABLES = ("oversight_step", "oversight_edition")
SQLITE = [
    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'a step of a lock stays'); END"
    for table in TABLES for verb in ("update", "delete")
]
POSTGRES = [
    "CREATE FUNCTION oversight_step_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a step of a lock stays'; END $$",
    *[f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION "
      "oversight_step_stays()" for table in TABLES],
]


def guard(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("oversight", "0005_the_lock")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
