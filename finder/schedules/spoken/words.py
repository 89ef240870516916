"""The words of schedules, per language: what each word or fixed phrase means. No grammar and no dates here.

Phrases of one meaning are separated by "|". Case, accents and the width of spaces do not matter to whoever looks up.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

AM, PM, MORNING, AFTERNOON, EVENING, NIGHT = range(6)
MINUTE, HOUR, DAY, WEEK, MONTH, MEETING = range(6)
# How much an end word says: "to" only joins two ends, "until" may stand alone, "through" includes what it names.
JOINS, UNTIL, THROUGH, DASH = range(4)


class Kind(StrEnum):
    """What a word does in a schedule."""

    DAY = "day"
    EVERY_DAY = "every day"
    ORDINAL = "ordinal"
    NUMBER = "number"
    CLOCK = "clock"  # noon and midnight, in minutes of the day
    HALF = "half"  # minutes added to the hour before, or taken off it
    PAST = "past"  # the same for the hour behind
    O_CLOCK = "o'clock"
    PERIOD = "period"
    MONTH = "month"
    UNIT = "unit"
    LENGTH = "length"
    EVERY = "every"
    ALTERNATE = "every other"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NOT = "not"
    ONLY = "only"
    IN = "in"
    FROM = "from"
    TO = "to"
    BETWEEN = "between"
    AND = "and"
    OR = "or"  # joins exceptions only; days or times that are one or the other are not a schedule
    AT = "at"
    OF = "of"
    FOR = "for"
    HOLIDAY = "holiday"
    HOLIDAYS = "holidays"
    ALWAYS = "always"
    ZONE = "zone"
    FILLER = "filler"
    MARK = "mark"
    BREAK = "break"
    UNKNOWN = "unknown"
    END = "end"


Meaning = tuple[Kind, tuple[int, ...]]
K = Kind
WORKDAYS = (0, 1, 2, 3, 4)

# Named holidays, in the order of holidays.NAMED.
_HOLIDAYS = (
    "new year's day|new years day|new year's|new years|año nuevo|día de año nuevo",
    "martin luther king jr. day|martin luther king day|mlk day|mlk jr. day|mlk|día de martin luther king",
    "presidents day|presidents' day|president's day|washington's birthday|día de los presidentes",
    "memorial day|día de los caídos|día de la recordación",
    "juneteenth",
    "independence day|fourth of july|día de la independencia",
    "labor day|día del trabajo",
    "columbus day|indigenous peoples' day|indigenous peoples day|indigenous people's day|día de la raza",
    "veterans day|veterans' day|veteran's day|día de los veteranos",
    "thanksgiving day|thanksgiving|día de acción de gracias|acción de gracias",
    "christmas day|christmas|xmas|navidad|día de navidad",
    "christmas eve|nochebuena|noche buena|víspera de navidad",
    "new year's eve|new years eve|nochevieja|fin de año|víspera de año nuevo",
    "halloween",
    "easter|easter sunday|pascua|domingo de pascua|domingo de resurrección",
    "good friday|viernes santo",
    "mother's day|mothers day|día de la madre|día de las madres",
    "father's day|fathers day|día del padre",
    "super bowl sunday",
    "day after thanksgiving|the day after thanksgiving|black friday",
)

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
         "Pacific/Honolulu")
_ZONES = (
    "eastern|eastern time|et|est|edt|hora del este",
    "central|central time|ct|cst|cdt|hora del centro|hora central",
    "mountain|mountain time|mt|mst|mdt|hora de la montaña",
    "pacific|pacific time|pt|pst|pdt|hora del pacífico",
    "alaska time|akst|akdt|hora de alaska",
    "hawaii time|hst|hora de hawái|hora de hawaii",
)

_MARKS = ". : ( ) [ ] ! ? \" ' * · • ~ ’ ‘ “ ” ¡ ¿ # …"

BOTH: Mapping[Meaning, str] = {
    (K.AND, (1,)): ",|/",
    (K.AND, (0,)): "&|+",
    (K.TO, (DASH,)): "-|–|—|‐|‑|−|→",
    (K.AT, ()): "@",
    (K.BREAK, ()): ";",
    (K.PERIOD, (AM,)): "am|a.m.|a.m|a m",
    (K.PERIOD, (PM,)): "pm|p.m.|p.m|p m",
    (K.ALWAYS, ()): "24/7|24-7|24x7|24/7/365|24 / 7",
    (K.LENGTH, (90,)): "1½ hours|1½ hrs|1½ hour|1½ horas|1 1/2 hours|1 1/2 hrs|1 1/2 hour|1 1/2 horas",
    **{(K.HOLIDAY, (at,)): names for at, names in enumerate(_HOLIDAYS)},
    **{(K.ZONE, (at,)): names for at, names in enumerate(_ZONES)},
}

ENGLISH: Mapping[Meaning, str] = {
    (K.DAY, (0,)): "monday|mondays|monday's|mon|mons|mo",
    (K.DAY, (1,)): "tuesday|tuesdays|tuesday's|tue|tues|tu",
    (K.DAY, (2,)): "wednesday|wednesdays|wednesday's|wed|weds|we",
    (K.DAY, (3,)): "thursday|thursdays|thursday's|thu|thur|thurs|th",
    (K.DAY, (4,)): "friday|fridays|friday's|fri|fris|fr",
    (K.DAY, (5,)): "saturday|saturdays|saturday's|sat|sats|sa",
    (K.DAY, (6,)): "sunday|sundays|sunday's|sun|suns|su",
    (K.DAY, WORKDAYS): "weekday|weekdays|every weekday|business days|business day|work days|workdays",
    (K.DAY, (5, 6)): "weekend|weekends|every weekend|weekend days",
    (K.EVERY_DAY, ()): "daily|every day|every day of the week|each day of the week|"
                       "everyday|each day|all days|nightly|7 days a week|seven days a week",
    **{(K.ORDINAL, (at,)): names for at, names in enumerate(
        ("first|1st", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th"), 1)},
    (K.ORDINAL, (-1,)): "last|final",
    (K.ORDINAL, (-2,)): "second to last|2nd to last|next to last|second-to-last|2nd-to-last",
    **{(K.NUMBER, (at,)): names for at, names in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1)},
    (K.NUMBER, (15,)): "fifteen", (K.NUMBER, (30,)): "thirty", (K.NUMBER, (45,)): "forty-five|forty five",
    (K.NUMBER, (60,)): "sixty", (K.NUMBER, (75,)): "seventy-five", (K.NUMBER, (90,)): "ninety",
    (K.CLOCK, (720,)): "noon|12 noon|12:00 noon|12 n|midday|noontime|12pm noon",
    (K.CLOCK, (0,)): "midnight|12 midnight|12:00 midnight",
    (K.HALF, (30,)): "and a half",
    (K.PAST, (30,)): "half past", (K.PAST, (15,)): "quarter past|a quarter past",
    (K.PAST, (-15,)): "quarter to|a quarter to",
    (K.O_CLOCK, ()): "o'clock|oclock|o’clock",
    (K.PERIOD, (MORNING,)): "in the morning|in the mornings|morning|mornings",
    (K.PERIOD, (AFTERNOON,)): "in the afternoon|in the afternoons|afternoon|afternoons",
    (K.PERIOD, (EVENING,)): "in the evening|in the evenings|evening|evenings",
    (K.PERIOD, (NIGHT,)): "at night|night|nights",
    **{(K.MONTH, (at,)): names for at, names in enumerate(
        ("january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug",
         "september|sept|sep", "october|oct", "november|nov", "december|dec"), 1)},
    (K.UNIT, (MINUTE,)): "minute|minutes|min|mins",
    (K.UNIT, (HOUR,)): "hour|hours|hr|hrs|h",
    (K.UNIT, (DAY,)): "day|days",
    (K.UNIT, (WEEK,)): "week|weeks|wk|wks",
    (K.UNIT, (MONTH,)): "month|months",
    (K.UNIT, (MEETING,)): "session|sessions|meeting|meetings|mtg|mtgs|class|classes|time|times|gatherings",
    (K.LENGTH, (90,)): "hour and a half|an hour and a half|one and a half hours",
    (K.LENGTH, (60,)): "an hour",
    (K.LENGTH, (30,)): "half an hour|half hour|a half hour|1/2 hour",
    (K.EVERY, ()): "every|each|every single|all",
    (K.ALTERNATE, ()): "every other|each other|alternate|alternating|every alternate",
    (K.WEEKLY, (1,)): "weekly|every week|each week|once a week|per week|a week",
    (K.WEEKLY, (2,)): "every other week|every second week|fortnightly|every fortnight|alternate weeks|"
                       "alternating weeks",
    (K.WEEKLY, (2, 1)): "biweekly|bi-weekly",
    (K.MONTHLY, (1,)): "of the month|of each month|of every month|of month|each month|every month|monthly|once a month|"
                       "in each month|in every month|in the month|of a month|a month|per month|once per month|"
                       "/month|of ea month|ea month",
    (K.MONTHLY, (2,)): "every other month|of every other month|every second month|alternate months",
    (K.MONTHLY, (3,)): "quarterly|every quarter",
    (K.NOT, ()): "not|except|except for|except on|excepting|excluding|excl|no|but not|no meeting|no meetings|no group|"
                 "no groups|no session|no sessions|no class|no classes|closed on|closed in|closed for|skip|skips|"
                 "skipping|does not meet|doesn't meet|do not meet|don't meet|we do not meet|we don't meet|other than|"
                 "will not meet|won't meet|not meeting|there is no meeting|no meeting is held|but|"
                 "no mtg|no mtgs",
    (K.ONLY, ()): "only|just",
    (K.IN, ()): "in|during|throughout",
    (K.FROM, ()): "from|starting|starts|starting from|starting on|beginning|begins|start|begin|as of|commencing|since|"
                  "effective|first meeting|first session|start date",
    (K.TO, (JOINS,)): "to",
    (K.TO, (UNTIL,)): "until|till|til|'til|ending|ends|up to|up until|last meeting|end date",
    (K.TO, (THROUGH,)): "through|thru|up through",
    (K.BETWEEN, ()): "between",
    (K.AND, (0,)): "and|plus|also|as well as|then",
    (K.OR, ()): "or|nor|and/or",
    (K.AT, ()): "at",
    (K.OF, ()): "of",
    (K.FOR, ()): "for|lasting|lasts|runs|running",
    (K.HOLIDAYS, ()): "holidays|federal holidays|public holidays|major holidays|national holidays|us holidays|"
                      "legal holidays|holiday|bank holidays",
    (K.ALWAYS, ()): "any time|anytime|always|always open|open always|24 hours|24 hours a day|24hrs|24 hrs|"
                    "around the clock|at any time|at your own pace|own pace|24 hours a day, 7 days a week|"
                    "24 hours a day, seven days a week|24 hours/day|open 24 hours|at any hour|all hours",
    (K.FILLER, ()): "the|on|a|an|we|meet|meets|group|groups|held|is|are|it|there|will|be|our|this|open|that|occurs|"
                    "happens|takes place|time:|hours:|office hours|schedule|when|day:|date|with",
}

SPANISH: Mapping[Meaning, str] = {
    (K.DAY, (0,)): "lunes|lun|lu",
    (K.DAY, (1,)): "martes|mar",
    (K.DAY, (2,)): "miércoles|mié|miérc|mier",
    (K.DAY, (3,)): "jueves|jue|juev",
    (K.DAY, (4,)): "viernes|vie|vier",
    (K.DAY, (5,)): "sábado|sábados|sáb",
    (K.DAY, (6,)): "domingo|domingos|dom",
    (K.DAY, WORKDAYS): "entre semana|días de semana|días de la semana|días laborables|días hábiles|día laborable|"
                       "día hábil|l-v|l a v|de l a v",
    (K.DAY, (5, 6)): "fin de semana|fines de semana|los fines de semana|cada fin de semana",
    (K.EVERY_DAY, ()): "todos los días|todos los días de la semana|cada día|"
                       "diario|a diario|diariamente|7 días a la semana|siete días a la semana|"
                       "los 7 días de la semana|los siete días de la semana|toda la semana",
    **{(K.ORDINAL, (at,)): names for at, names in enumerate(
        ("primer|primero|primera|primeros|1er|1ero|1ro|1era", "segundo|segunda|segundos|2do|2da",
         "tercer|tercero|tercera|terceros|3er|3ro|3ero|3ra", "cuarto|cuarta|cuartos|4to|4ta",
         "quinto|quinta|quintos|5to|5ta"), 1)},
    (K.ORDINAL, (-1,)): "último|última|últimos",
    (K.ORDINAL, (-2,)): "penúltimo|penúltima",
    **{(K.NUMBER, (at,)): names for at, names in enumerate(
        ("un|uno|una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"), 1)},
    (K.NUMBER, (15,)): "quince", (K.NUMBER, (30,)): "treinta", (K.NUMBER, (45,)): "cuarenta y cinco",
    (K.NUMBER, (60,)): "sesenta", (K.NUMBER, (90,)): "noventa",
    (K.CLOCK, (720,)): "mediodía|medio día|12 del mediodía|doce del mediodía|12 del día|doce del día|12 de mediodía|"
                       "12:00 del mediodía|12:00 del día|12:00 m|12:00 m.|12 m|12 m.",
    (K.CLOCK, (0,)): "medianoche|media noche|12 de la medianoche|doce de la medianoche",
    (K.HALF, (30,)): "y media|y treinta",
    (K.HALF, (15,)): "y quince",
    (K.HALF, (-15,)): "menos cuarto",
    (K.PAST, (-15,)): "un cuarto para las|cuarto para las",
    (K.O_CLOCK, ()): "en punto",
    (K.PERIOD, (MORNING,)): "de la mañana|por la mañana|en la mañana|por las mañanas|en las mañanas|mañana|mañanas|"
                            "de la madrugada",
    (K.PERIOD, (AFTERNOON,)): "de la tarde|por la tarde|en la tarde|por las tardes|en las tardes|tarde|tardes",
    (K.PERIOD, (NIGHT,)): "de la noche|por la noche|en la noche|por las noches|en las noches|noche|noches",
    **{(K.MONTH, (at,)): names for at, names in enumerate(
        ("enero|ene", "febrero|feb", "marzo", "abril|abr", "mayo", "junio|jun", "julio|jul", "agosto|ago",
         "septiembre|setiembre|sept|sep", "octubre|oct", "noviembre|nov", "diciembre|dic"), 1)},
    (K.UNIT, (MINUTE,)): "minuto|minutos|min",
    (K.UNIT, (HOUR,)): "hora|horas|hr|hrs|h|hs",
    (K.UNIT, (DAY,)): "día|días",
    (K.UNIT, (WEEK,)): "semana|semanas",
    (K.UNIT, (MONTH,)): "mes|meses",
    (K.UNIT, (MEETING,)): "sesión|sesiones|reunión|reuniones|encuentro|encuentros|clase|clases|vez|veces",
    (K.LENGTH, (90,)): "hora y media|una hora y media",
    (K.LENGTH, (30,)): "media hora",
    (K.EVERY, ()): "cada|todos los|todas las|todo|toda",
    (K.ALTERNATE, ()): "alternos|alternas|cada otro|cada otra|por medio|"
                       "sí y otro no|sí y uno no|sí, otro no|sí, uno no",
    (K.WEEKLY, (1,)): "semanal|semanalmente|cada semana|todas las semanas|por semana|a la semana|"
                      "una vez a la semana|una vez por semana",
    (K.WEEKLY, (2,)): "quincenal|quincenalmente|cada quince días|cada 15 días|semana por medio|cada otra semana|"
                      "una semana sí y otra no|una semana sí y una no|semanas alternas",
    (K.MONTHLY, (1,)): "del mes|de cada mes|cada mes|de todos los meses|al mes|mensual|mensuales|mensualmente|por mes|"
                       "todos los meses|una vez al mes|una vez por mes|de mes",
    (K.MONTHLY, (2,)): "cada dos meses|de cada dos meses|cada 2 meses|de cada 2 meses|mes por medio|bimestral",
    (K.MONTHLY, (3,)): "trimestral|trimestralmente",
    (K.NOT, ()): "excepto|excepto en|menos|salvo|no|pero no|sin reunión|sin reuniones|sin sesión|sin sesiones|"
                 "no hay reunión|no hay reuniones|no hay grupo|no hay sesión|no hay sesiones|no se reúne|no se reúnen|"
                 "no nos reunimos|a excepción de|con excepción de|exceptuando|cerrado el|cerrado en|no habrá reunión|"
                 "no habrá|no hay",
    (K.ONLY, ()): "solo|sólo|solamente|únicamente",
    (K.IN, ()): "en|durante|en los meses de|en el mes de|durante los meses de",
    (K.FROM, ()): "desde|a partir de|a partir del|empezando|empezando en|comenzando|comenzando en|empieza|empieza en|"
                  "comienza|comienza en|inicia|inicio|a contar de|a contar del|iniciando",
    (K.TO, (JOINS,)): "a|al",
    (K.TO, (UNTIL,)): "hasta|termina|terminando|acaba",
    (K.BETWEEN, ()): "entre",
    (K.AND, (0,)): "y|e|más|también|además|luego",
    (K.OR, ()): "o|ni|u|y/o",
    (K.AT, ()): "las|la",
    (K.OF, ()): "de|del",
    (K.FOR, ()): "por|dura|duran|con duración de|duración|de duración",
    (K.HOLIDAYS, ()): "feriados|días feriados|días festivos|festivos|feriados federales|días feriados federales|"
                      "feriado|festivo|días de fiesta",
    (K.ALWAYS, ()): "a cualquier hora|en cualquier momento|cualquier hora|siempre abierto|siempre|24 horas|"
                    "las 24 horas|24 horas al día|las 24 horas del día|24 horas los 7 días|siempre disponible|"
                    "abierto siempre|siempre abierta|a su propio ritmo|a su ritmo|en todo momento",
    (K.FILLER, ()): "el|los|se|reúne|reúnen|nos|reunimos|grupo|es|son|horario|abierto|abierta|está|hay|lo|que|nuestro|"
                    "nuestra|esta|este|fecha|con|horas:|hora:",
}

LANGUAGES: Mapping[str, tuple[Mapping[Meaning, str], ...]] = {
    # The reader's own language last: it wins where a word means something in both.
    "en": (BOTH, SPANISH, ENGLISH),
    "es": (BOTH, ENGLISH, SPANISH),
}
MARKS = frozenset(_MARKS.split())
# Single letters are days only in capitals ("M-F", "T/Th", "MWF").
CAPITALS: Mapping[str, tuple[int, ...]] = {"M": (0,), "T": (1,), "W": (2,), "F": (4,), "MWF": (0, 2, 4),
                                           "TTH": (1, 3), "TTh": (1, 3), "TuTh": (1, 3), "MW": (0, 2), "R": (3,)}
ENDINGS: Mapping[str, frozenset[str]] = {
    "en": frozenset({"st", "nd", "rd", "th"}),
    "es": frozenset({"o", "er", "ro", "ero", "do", "to", "mo", "vo", "no", "ra", "da", "ta", "era"}),
}
