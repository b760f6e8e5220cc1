"""The database itself refuses to change a locked scheme, or an allocation."""

from django.db import migrations

LOCKED, ALLOCATED = "a locked scheme is never changed", "an allocation is never changed"
SQLITE = [
    *[f"CREATE TRIGGER arms_scheme_no_{verb} BEFORE {verb} ON arms_scheme WHEN OLD.locked_at IS NOT NULL "
      f"BEGIN SELECT RAISE(ABORT, '{LOCKED}'); END" for verb in ("update", "delete")],
    *[f"CREATE TRIGGER arms_allocation_no_{verb} BEFORE {verb} ON arms_allocation "
      f"BEGIN SELECT RAISE(ABORT, '{ALLOCATED}'); END" for verb in ("update", "delete")],
]
POSTGRES = [
    f"CREATE FUNCTION arms_scheme_is_locked() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{LOCKED}'; END $$",
    "CREATE TRIGGER arms_scheme_no_change BEFORE UPDATE OR DELETE ON arms_scheme "
    "FOR EACH ROW WHEN (OLD.locked_at IS NOT NULL) EXECUTE FUNCTION arms_scheme_is_locked()",
    f"CREATE FUNCTION arms_allocation_is_made() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{ALLOCATED}'; END $$",
    "CREATE TRIGGER arms_allocation_no_change BEFORE UPDATE OR DELETE ON arms_allocation "
    "FOR EACH ROW EXECUTE FUNCTION arms_allocation_is_made()",
]


def guard(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("arms", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
