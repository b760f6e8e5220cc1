"""The database itself refuses to change a locked scheme, an allocation, a line of a log, or what two people agreed."""

from django.db import migrations

LOCKED, ALLOCATED = "a locked scheme is never changed", "an allocation is never changed"
KEPT, STANDS = "a line of a log is never changed", "what two people agreed is never changed"
# (table, verb, condition on the row as it was, what is said)
GUARDS = [(table, verb, condition, said) for table, condition, said in (
    ("scheme", "OLD.locked_at IS NOT NULL", LOCKED), ("allocation", "", ALLOCATED), ("line", "", KEPT))
    for verb in ("update", "delete")]
GUARDS += [("opening", "update", "OLD.agreed_at IS NOT NULL", STANDS), ("opening", "delete", "", STANDS)]


def _sqlite(table, verb, condition, said):
    when = f"WHEN {condition} " * bool(condition)
    yield (f"CREATE TRIGGER substudies_{table}_no_{verb} BEFORE {verb} ON substudies_{table} {when}"
           f"BEGIN SELECT RAISE(ABORT, '{said}'); END")


def _postgres(table, verb, condition, said):
    when = f"WHEN ({condition}) " * bool(condition)
    yield (f"CREATE FUNCTION substudies_{table}_keeps_{verb}() RETURNS trigger LANGUAGE plpgsql AS "
           f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$")
    yield (f"CREATE TRIGGER substudies_{table}_no_{verb} BEFORE {verb} ON substudies_{table} "
           f"FOR EACH ROW {when}EXECUTE FUNCTION substudies_{table}_keeps_{verb}()")


def guard(apps, schema_editor):
    written = _sqlite if schema_editor.connection.vendor == "sqlite" else _postgres
    for facts in GUARDS:
        for statement in written(*facts):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("substudies", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
