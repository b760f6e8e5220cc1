"""The outcome contract asked day by day, as slowly and plainly as it is written."""

from datetime import date, timedelta

DAY = timedelta(1)
RANKS = {"referral": 1, "cin_plan": 2, "cp_plan": 3, "care": 4}
BOOLEANS = ("escalated_any", "deescalated_any", "cin_to_cp", "cp_to_cin", "entered_care", "closed", "rereferred")


def months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return None


class Child:
    def __init__(self, child, episodes, events, t0, extract):
        self.child, self.episodes, self.events, self.t0, self.extract = child, episodes, events, t0, extract
        self.t1 = months_later(t0, 6)

    def is_open(self, row, day):
        return row["start"] <= day and (row["end"] is None or row["end"] > day)

    def any_open(self, kind, day):
        return any(
            row["kind"] == kind
            and self.is_open(row, day)
            and not (kind == "care" and row["legal_status"] in ("V3", "V4"))
            for row in self.episodes
        )

    def status(self, day):
        return max((RANKS[kind] for kind in RANKS if self.any_open(kind, day)), default=0)

    def state(self):
        if self.extract < self.t1 + 60 * DAY:
            return "not_yet_known", None
        day = self.t0 + DAY
        while day <= self.t1:
            ended = {row["end_code"] for row in self.episodes if row["end"] == day}
            if self.child["death_date"] == day or ended & {"RC2", "E2"}:
                return "died", day
            if ended & {"RC1", "E11", "E12"}:
                return "adopted", day
            if ended & {"RC5", "E3"}:
                return "transferred", day
            day += DAY
        if self.child["answer"] == "found":
            return "complete", self.t1
        return self.child["answer"] or "missing", None

    def outcomes(self):
        state, stop = self.state()
        row = {"state": state, "stop_date": stop, "t1": self.t1}
        if stop is None:
            return row
        end = stop if state == "complete" else stop - DAY
        days = [self.t0 + n * DAY for n in range(1, (end - self.t0).days + 1)]
        start, last = self.status(self.t0), self.status(self.t1) if state == "complete" else None
        row |= dict.fromkeys(BOOLEANS, False)
        row |= {"status_t0": start, "status_t1": last}
        row |= {"escalated_end": None, "deescalated_end": None}
        if last is not None:
            row |= {"escalated_end": last > start, "deescalated_end": last < start}
        for kind in ("s47", "icpc"):
            row[f"{kind}_count"] = len({e["date"] for e in self.events if e["kind"] == kind and e["date"] in days})
        row["cp_days"] = sum(self.any_open("cp_plan", day) for day in days)
        row["care_days"] = sum(self.any_open("care", day) for day in days)
        row["entered_care"] = not self.any_open("care", self.t0) and row["care_days"] > 0
        for day in days:
            self.note(row, day, start)
        return row | {"cp_to_cin": self.cp_to_cin(days)}

    def note(self, row, day, start):
        status, before = self.status(day), self.status(day - DAY)
        row["escalated_any"] |= status > start
        row["deescalated_any"] |= status < start
        row["closed"] |= status == 0 < before
        for episode in self.episodes:
            if episode["start"] != day:
                continue
            if episode["kind"] == "cp_plan" and not episode["transfer_in"] and not self.any_open("cp_plan", self.t0):
                row["cin_to_cp"] = True
            if episode["kind"] == "referral" and before == 0:
                since = months_later(day, -12)
                earlier = (e["start"] for e in self.episodes if e["kind"] == "referral")
                row["rereferred"] |= any(since <= other < day for other in earlier)

    def cp_to_cin(self, days):
        if not self.any_open("cp_plan", self.t0):
            return False
        for day in days:
            if not self.any_open("cp_plan", day):
                return any(self.status(day + n * DAY) == 2 for n in range(8))
        return False
