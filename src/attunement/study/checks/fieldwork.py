"""Getting questionnaires completed: steps that fit the time, vouchers and export rights that name what there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from attunement.study.english import listed
from attunement.study.findings import Remark
from attunement.study.schema import Study


def remarks(study: Study) -> Iterator[Remark]:
    yield from _steps(study)
    yield from _vouchers(study)
    yield from _exports(study)


def _steps(study: Study) -> Iterator[Remark]:
    steps, place = study.fieldwork.steps, ("fieldwork", "steps")
    days = [step.day for step in steps]
    if not steps:
        yield Remark("note", ("fieldwork",), "No step is planned: nobody is reminded unless staff do it by hand.")
    if days != sorted(set(days)):
        yield Remark("problem", place, "The steps of the fieldwork must stand in the order of their days, one a day.")
    for index, step in enumerate(steps):
        if step.route in step.otherwise or len(set(step.otherwise)) < len(step.otherwise):
            text = f"The step of day {step.day} names {listed((step.route, *step.otherwise))}: name each route once."
            yield Remark("problem", (*place, index), text)
    for number, point in enumerate(study.time_points):
        room = point.window_days_before + point.window_days_after
        late = [day for day in days if point.months_after is not None and day > room]
        if late:
            text = (f"{point.code} is open for {room} days after its first one, so the fieldwork's step of day "
                    f"{listed(map(str, late))} never comes.")
            yield Remark("problem", ("time_points", number), text)


def _vouchers(study: Study) -> Iterator[Remark]:
    known = {point.code for point in study.time_points}
    times = Counter(voucher.time_point for voucher in study.fieldwork.vouchers)
    for index, voucher in enumerate(study.fieldwork.vouchers):
        place = ("fieldwork", "vouchers", index)
        if voucher.time_point not in known:
            yield Remark("problem", place, f"A voucher is for {voucher.time_point}, which is no time point of this study.")
        elif times[voucher.time_point] > 1:
            yield Remark("problem", place, f"{voucher.time_point} has {times[voucher.time_point]} vouchers; it is one.")


def _exports(study: Study) -> Iterator[Remark]:
    roles = {role.code for role in study.roles}
    used = {slug for point in study.time_points for slug in point.instruments}
    times = Counter((right.role, right.instrument) for right in study.export_rights)
    for index, right in enumerate(study.export_rights):
        place = ("export_rights", index)
        if right.role not in roles:
            yield Remark("problem", place, f"{right.role} may take answers out, but is no role of this study.")
        if right.instrument not in used | {"*"}:
            text = f"There is an export right on {right.instrument}, which the study does not ask."
            yield Remark("problem", place, text)
        if times[right.role, right.instrument] > 1:
            yield Remark("problem", place, f"{right.role} has two export rights on {right.instrument}.")
