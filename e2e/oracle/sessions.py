"""Prints the sessions of the New York Stock Exchange as an independent source knows them: day, opening, close (UTC)."""

import sys

import exchange_calendars

first, last = sys.argv[1:]
calendar = exchange_calendars.get_calendar("XNYS", start=first, end=last)
for day, row in calendar.schedule.iterrows():
    opening, close = (row[column].strftime("%Y-%m-%dT%H:%MZ") for column in ("open", "close"))
    print(day.date(), opening, close)
