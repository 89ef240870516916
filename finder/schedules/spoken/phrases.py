"""The phrases in which schedules are said again, per language: plain, and such that the reader reads them back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words and patterns of one language; `days` from Monday, `plural` where a day stands for every week."""

    days: tuple[str, ...]
    plural: tuple[str, ...]
    months: tuple[str, ...]
    places: dict[int, str]
    joined: str
    day: str
    daily: str
    every_days: str
    every_weeks: str
    every_other_week: str
    workdays: str
    every_months: str
    of_month: str
    month_days: str
    month_day: str
    last_day: str
    first_workday: str
    last_workday: str
    range: str
    length: str
    count: str
    first: str
    last: str
    off: str
    only: str
    date: str
    date_range: str
    anytime: str
    morning: str
    evening: str
    noon: str
    at_noon: str


ENGLISH = Phrases(
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    plural=("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
    places={1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", -1: "last", -2: "second to last"},
    joined="and", day="{month} {day}, {year}", daily="every day", every_days="every {count} days",
    every_weeks="every {count} weeks on {days}", every_other_week="every other week on {days}",
    workdays="Monday to Friday", every_months="{days}, every {count} months",
    of_month="{days} of the month", month_days="days {days} of the month", month_day="day {days} of the month",
    last_day="last day of the month", first_workday="first weekday of the month",
    last_workday="last weekday of the month", range="{start} to {end}", length="for {count} minutes",
    count="{count} meetings", first="from {day}", last="until {day}", off="except {days}", only="only in {months}",
    date="{day}", date_range="{first} to {last}", anytime="any time", morning="{clock} am", evening="{clock} pm",
    noon="noon", at_noon="noon",
)
SPANISH = Phrases(
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    plural=("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos"),
    months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre"),
    places={1: "primer", 2: "segundo", 3: "tercer", 4: "cuarto", 5: "quinto", -1: "último", -2: "penúltimo"},
    joined="y", day="{day} de {month} de {year}", daily="todos los días", every_days="cada {count} días",
    every_weeks="cada {count} semanas los {days}", every_other_week="cada dos semanas los {days}",
    workdays="lunes a viernes", every_months="{days}, cada {count} meses",
    of_month="{days} del mes", month_days="días {days} del mes", month_day="día {days} del mes",
    last_day="último día del mes", first_workday="primer día laborable del mes",
    last_workday="último día laborable del mes", range="de {start} a {end}", length="{count} minutos",
    count="{count} reuniones", first="desde el {day}", last="hasta el {day}", off="excepto {days}",
    only="solo en {months}", date="el {day}", date_range="del {first} al {last}", anytime="a cualquier hora",
    morning="{clock} am", evening="{clock} pm", noon="mediodía", at_noon="al mediodía",
)
