"""Each transcript becomes a text, and each theme a code of the first version of the codebook."""

import uuid

from django.db import migrations


def move(apps, _schema):
    interview, source, book, passage = (apps.get_model("oversight", name)
                                        for name in ("Interview", "Source", "CodebookVersion", "Passage"))
    for one in interview.objects.exclude(text=""):
        kept = source.objects.create(family_id=one.family_id, kind="transcript", text=one.text, redactions=one.redactions,
                                     consented_on=one.consented_on, kept_by_id=one.drawn_by_id, kept_at=one.drawn_at,
                                     study_version=one.study_version)
        passage.objects.filter(interview=one).update(source=kept)
    themes = sorted(set(passage.objects.values_list("theme", flat=True)))
    guids = {theme: str(uuid.uuid5(uuid.NAMESPACE_URL, f"theme {theme}")) for theme in themes}
    for theme, guid in guids.items():
        passage.objects.filter(theme=theme).update(code=guid)
    first = passage.objects.order_by("at").first()
    if first is not None:
        codes = [{"guid": guids[theme], "name": theme, "description": "", "parent": None, "colour": None, "codable": True,
                  "dimension": None} for theme in themes]
        book.objects.create(number=2, codes=codes, verb="added", why="The themes of the coding", by_id=first.coder_id,
                            at=first.at, study_version=first.study_version)


class Migration(migrations.Migration):
    dependencies = [("oversight", "0008_texts_and_codebook")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
