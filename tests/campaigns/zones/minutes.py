"""When cron expressions are due around every change of clocks, by counting minutes.

Another language, another time zone library and another way than crates/schedule: every minute of a window is looked at, with what the
clock on the wall shows. Prints a line of JSON for each window and expression: zone, expression, from, until (unix seconds, until is not
included), due (unix seconds).

usage: minutes.py SEED FIRST_YEAR LAST_YEAR RANDOM_A_WINDOW ZONE...     (no zone: all of this machine's that differ)
"""

import calendar
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import TZPATH, ZoneInfo, available_timezones

UTC = timezone.utc
HOUR = 3600
# A day of 26 hours lies within, whatever the offset.
AROUND = 26 * HOUR

FIXED = [
    "*/15 * * * *",
    "30 * * * *",
    "0 0 * * *",
    "30 2 * * *",
    "*/10 0-3 * * *",
    "0 */2 * * *",
    "59 23 * * 6,0",
    "5 1,2,3 L * *",
    "0 12 29 2 *",
    "15 0 1 1 *",
    "45 23 31 12 1-5",
]

FIELDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def values(text, first, last):
    """The numbers that a list of values, ranges and steps names."""
    found = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        low, high = first, last
        if span != "*":
            low, _, high = span.partition("-")
            low, high = int(low), int(high or low)
        found.update(range(low, high + 1, int(step or 1)))
    return found


class Cron:
    def __init__(self, text):
        minute, hour, day, month, weekday = text.split()
        self.elapsed = hour == "*"
        self.minutes, self.hours = values(minute, *FIELDS[0]), values(hour, *FIELDS[1])
        self.months = values(month, *FIELDS[3])
        self.last = day == "L"
        self.days = None if day == "*" else set() if self.last else values(day, *FIELDS[2])
        self.weekdays = None if weekday == "*" else {number % 7 for number in values(weekday, *FIELDS[4])}

    def day(self, date):
        if date.month not in self.months:
            return False
        given = []
        if self.days is not None:
            is_last = date.day == calendar.monthrange(date.year, date.month)[1]
            given.append(date.day in self.days or self.last and is_last)
        if self.weekdays is not None:
            given.append(date.isoweekday() % 7 in self.weekdays)
        return any(given) if given else True

    def names(self, wall):
        return wall.minute in self.minutes and wall.hour in self.hours and self.day(wall)


def due(cron, minutes, walls):
    """The minutes at which it is due. A time on the wall that never shows is due when the wall first shows a later one."""
    if cron.elapsed:
        return [minute for minute, wall in zip(minutes, walls) if cron.names(wall)]
    first = {}
    for minute, wall in zip(minutes, walls):
        first.setdefault(wall, minute)
    found = {minute for wall, minute in first.items() if cron.names(wall)}
    for before, after, minute in zip(walls, walls[1:], minutes[1:]):
        skipped = before + timedelta(minutes=1)
        while skipped < after:
            if cron.names(skipped):
                found.add(minute)
            skipped += timedelta(minutes=1)
    return sorted(found)


def wall(zone, second):
    return datetime.fromtimestamp(second, zone).replace(tzinfo=None, fold=0)


def changes(zone, first, last):
    """Each minute at which the offset is another than the minute before."""
    offset = lambda second: datetime.fromtimestamp(second, zone).utcoffset()
    second = int(datetime(first, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last + 1, 1, 1, tzinfo=UTC).timestamp())
    while second < end:
        step = 6 * HOUR
        if offset(second) != offset(second + step):
            low, high = second, second + step
            while high - low > 60:
                middle = (low + high) // 120 * 60
                low, high = (low, middle) if offset(low) != offset(middle) else (middle, high)
            yield high
        second += step


def windows(zone, first, last):
    for change in changes(zone, first, last):
        yield change - AROUND, change + AROUND
    # A leap day, and the turn of a year, whatever the clocks do.
    for year in {min(max(year, first), last) for year in (2024, 2028)}:
        for month, day in [(1, 1), (3, 1)]:
            midnight = int(datetime(year, month, day, tzinfo=UTC).timestamp())
            yield midnight - AROUND, midnight + AROUND


def a_list(dice, first, last):
    def item():
        low = dice.randint(first, last)
        kind = dice.randrange(4)
        if kind == 0:
            return f"*/{dice.randint(1, 12)}"
        if kind == 1:
            high = dice.randint(low, last)
            return f"{low}-{high}" if dice.random() < 0.5 else f"{low}-{high}/{dice.randint(1, 9)}"
        return str(low)

    return ",".join(item() for _ in range(dice.randint(1, 3)))


def an_expression(dice):
    fields = [a_list(dice, *ends) for ends in FIELDS]
    if dice.random() < 0.3:
        fields[1] = "*"
    for field in (2, 3, 4):
        if dice.random() < 0.7:
            fields[field] = "*"
    return " ".join(fields)


def distinct():
    """One name for each set of rules: many zones are other names of one."""
    names = {}
    for name in sorted(available_timezones()):
        for folder in TZPATH:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as rules:
                    names.setdefault(rules.read(), name)
                break
    return names.values()


def main():
    seed, first, last, extra = map(int, sys.argv[1:5])
    for name in sys.argv[5:] or distinct():
        zone = ZoneInfo(name)
        dice = random.Random(f"{seed} {name}")
        for start, end in windows(zone, first, last):
            minutes = range(start, end, 60)
            walls = [wall(zone, minute) for minute in minutes]
            for text in FIXED + [an_expression(dice) for _ in range(extra)]:
                found = due(Cron(text), minutes, walls)
                print(json.dumps([name, text, start, end, found], separators=(",", ":")))


main()
