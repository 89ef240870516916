"""The national lines of each country, as code: no page, import or database can change them, and a test pins them.

`stated` is the month up to which a number was known to be right; a steward checks it anew at its `source`.
"""

from __future__ import annotations

from finder.crisis.line import Line, Way, Words


def _call(number: str, en: str = "", es: str = "") -> Way:
    return Way("call", number, then=Words(en, es))


def _text(number: str, en: str = "", es: str | None = None) -> Way:
    return Way("text", number, keyword=Words(en, en if es is None else es))


def _line(id_: str, name: tuple[str, str], about: tuple[str, str], ways: tuple[Way, ...], topics: str, languages: str,
          source: str, stated: str = "2025-01") -> Line:
    return Line(id_, id_.partition("-")[0].upper(), Words(*name), Words(*about), ways, tuple(topics.split()),
                tuple(languages.split()), source, stated)


_ANYONE = ("For anyone who thinks about suicide, or needs to talk.",
           "Para quien piensa en el suicidio o necesita hablar.")
_DANGER = ("For danger right now, or when someone may die.", "Para un peligro ahora mismo, o si alguien puede morir.")
_HURT = ("For anyone who is hurt or scared by someone close.",
         "Para quien vive violencia o miedo por alguien cercano.")
_SWALLOWED = ("For too much of a drug or medicine, or a poison.",
              "Para una sobredosis, demasiada medicina o un veneno.")
_BY_TEXT = ("Talk by text with a trained person.", "Hable por mensaje con una persona preparada.")


def _emergency(country: str, number: str, languages: str, source: str) -> Line:
    return _line(f"{country}-emergency", (f"Emergency, {number}", f"Emergencia, {number}"), _DANGER, (_call(number),),
                 "emergency", languages, source)


NATIONAL: tuple[Line, ...] = (
    _line("us-988", ("988 Suicide & Crisis Lifeline", "988 Línea de Prevención del Suicidio y Crisis"), _ANYONE,
          (_call("988", "", "y oprima 2 para español"), _text("988", "", "AYUDA"),
           Way("chat", "https://988lifeline.org/chat/")),
          "suicide mental", "en es", "https://988lifeline.org/"),
    _line("us-crisis-text", ("Crisis Text Line", "Crisis Text Line en español"), _BY_TEXT,
          (_text("741741", "HOME", "AYUDA"),), "listening", "en es", "https://www.crisistextline.org/"),
    _line("us-veterans", ("Veterans Crisis Line", "Línea de Crisis para Veteranos"),
          ("For veterans, people who serve, and their families.", "Para veteranos, militares y sus familias."),
          (_call("988", "then press 1", "y oprima 1"), _text("838255"),
           Way("chat", "https://www.veteranscrisisline.net/get-help-now/chat/")),
          "listening", "en", "https://www.veteranscrisisline.net/"),
    _line("us-trevor", ("The Trevor Project", "The Trevor Project"),
          ("For LGBTQ+ young people.", "Para jóvenes LGBTQ+, en inglés."),
          (_call("1-866-488-7386"), _text("678678", "START"), Way("chat", "https://www.thetrevorproject.org/get-help/")),
          "listening", "en", "https://www.thetrevorproject.org/get-help/"),
    _emergency("us", "911", "en es", "https://www.911.gov/"),
    _line("us-violence", ("National Domestic Violence Hotline", "Línea Nacional contra la Violencia Doméstica"), _HURT,
          (_call("1-800-799-7233"), _text("88788", "START"), Way("chat", "https://www.thehotline.org/")),
          "violence", "en es", "https://www.thehotline.org/"),
    _line("us-sexual-assault", ("National Sexual Assault Hotline", "Línea Nacional de Asalto Sexual"),
          ("For anyone hurt by sexual violence.", "Para quien vivió violencia sexual."),
          (_call("1-800-656-4673"), Way("chat", "https://online.rainn.org/")),
          "violence", "en es", "https://rainn.org/"),
    _line("us-poison", ("Poison Help", "Ayuda por Envenenamiento"), _SWALLOWED, (_call("1-800-222-1222"),), "poison",
          "en es", "https://poisonhelp.hrsa.gov/"),
    _line("us-samhsa", ("SAMHSA National Helpline", "Línea Nacional de Ayuda de SAMHSA"),
          ("Finds treatment for alcohol, drugs and mental health. Not a crisis line.",
           "Busca tratamiento para alcohol, drogas y salud mental. No es una línea de crisis."),
          (_call("1-800-662-4357"),), "treatment", "en es",
          "https://www.samhsa.gov/find-help/helplines/national-helpline"),
    _line("ca-988", ("9-8-8 Suicide Crisis Helpline", "9-8-8 Línea de Crisis y Suicidio"), _ANYONE,
          (_call("988"), _text("988")), "suicide mental", "en fr", "https://988.ca/"),
    _line("ca-kids", ("Kids Help Phone", "Kids Help Phone"), ("For young people.", "Para jóvenes."),
          (_call("1-800-668-6868"), _text("686868", "CONNECT")), "listening", "en fr", "https://kidshelpphone.ca/"),
    _line("ca-hope", ("Hope for Wellness Helpline", "Hope for Wellness"),
          ("For Indigenous people across Canada.", "Para pueblos indígenas de Canadá."),
          (_call("1-855-242-3310"), Way("chat", "https://www.hopeforwellness.ca/")), "listening", "en fr",
          "https://www.hopeforwellness.ca/"),
    _line("ca-violence", ("ShelterSafe", "ShelterSafe"),
          ("Finds the nearest shelter line.", "Busca la línea del refugio más cercano."),
          (Way("web", "https://sheltersafe.ca/"),), "violence", "en fr", "https://sheltersafe.ca/"),
    _line("ca-poison", ("Poison Centres", "Centros de Información de Venenos"), _SWALLOWED,
          (_call("1-844-764-7669"), _call("1-800-463-5060", "in Quebec", "en Quebec")), "poison", "en fr", "https://infopoison.ca/"),
    _emergency("ca", "911", "en fr", "https://www.canada.ca/en/public-health/services/suicide-prevention/"
               "government-canada-doing-help-prevent-suicide.html"),
    _line("gb-samaritans", ("Samaritans", "Samaritans"), _ANYONE, (_call("116 123"),), "suicide", "en",
          "https://www.samaritans.org/"),
    _line("gb-shout", ("Shout", "Shout"), _BY_TEXT, (_text("85258", "SHOUT"),), "listening", "en",
          "https://giveusashout.org/"),
    _line("gb-111", ("NHS 111", "NHS 111"),
          ("For help today with health or mental health, in England, Scotland and Wales.",
           "Para ayuda hoy con la salud o la salud mental, en Inglaterra, Escocia y Gales."),
          (_call("111", "for mental health, choose that option", "para salud mental, elija esa opción"),),
          "mental poison treatment", "en",
          "https://www.nhs.uk/nhs-services/mental-health-services/"),
    _line("gb-violence", ("National Domestic Abuse Helpline", "Línea Nacional contra el Abuso Doméstico"), _HURT,
          (_call("0808 2000 247"),), "violence", "en", "https://www.nationaldahelpline.org.uk/"),
    _emergency("gb", "999", "en", "https://www.nhs.uk/nhs-services/urgent-and-emergency-care-services/"),
    _line("ie-samaritans", ("Samaritans Ireland", "Samaritans Irlanda"), _ANYONE, (_call("116 123"),),
          "suicide mental", "en", "https://www.samaritans.org/ireland/"),
    _line("ie-text", ("Text About It", "Text About It"), _BY_TEXT, (_text("50808", "HELLO"),), "listening", "en",
          "https://www.textaboutit.ie/"),
    _line("ie-violence", ("Women’s Aid", "Women’s Aid"), _HURT, (_call("1800 341 900"),), "violence", "en",
          "https://www.womensaid.ie/"),
    _emergency("ie", "112", "en", "https://www.112.ie/"),
    _line("au-lifeline", ("Lifeline", "Lifeline"), _ANYONE,
          (_call("13 11 14"), _text("0477 13 11 14"), Way("chat", "https://www.lifeline.org.au/")),
          "suicide mental", "en", "https://www.lifeline.org.au/"),
    _line("au-13yarn", ("13YARN", "13YARN"),
          ("For Aboriginal and Torres Strait Islander people.", "Para pueblos aborígenes y del estrecho de Torres."),
          (_call("13 92 76"),), "listening", "en", "https://www.13yarn.org.au/"),
    _line("au-violence", ("1800RESPECT", "1800RESPECT"), _HURT,
          (_call("1800 737 732"), _text("0458 737 732"), Way("chat", "https://www.1800respect.org.au/")),
          "violence", "en", "https://www.1800respect.org.au/"),
    _line("au-poison", ("Poisons Information Centre", "Centro de Información de Venenos"), _SWALLOWED,
          (_call("13 11 26"),), "poison", "en", "https://www.poisonsinfo.nsw.gov.au/"),
    _emergency("au", "000", "en", "https://www.triplezero.gov.au/"),
    _line("nz-1737", ("1737, Need to Talk?", "1737"), _ANYONE, (_call("1737"), _text("1737")), "suicide mental", "en",
          "https://1737.org.nz/"),
    _line("nz-lifeline", ("Lifeline Aotearoa", "Lifeline Aotearoa"), _ANYONE, (_call("0800 543 354"),), "listening",
          "en", "https://www.lifeline.org.nz/"),
    _line("nz-violence", ("Women’s Refuge", "Women’s Refuge"), _HURT, (_call("0800 733 843"),), "violence", "en",
          "https://womensrefuge.org.nz/"),
    _line("nz-poison", ("National Poisons Centre", "Centro Nacional de Venenos"), _SWALLOWED,
          (_call("0800 764 766"),), "poison", "en", "https://poisons.co.nz/"),
    _emergency("nz", "111", "en", "https://www.police.govt.nz/"),
    _line("mx-vida", ("Línea de la Vida", "Línea de la Vida"),
          ("For anyone who thinks about suicide, uses drugs or alcohol, or needs to talk.",
           "Para quien piensa en el suicidio, usa drogas o alcohol, o necesita hablar."),
          (_call("800 911 2000"),), "suicide mental treatment violence", "es", "https://www.gob.mx/conasama"),
    _emergency("mx", "911", "es", "https://www.gob.mx/sesnsp"),
)
# For every country that is not above: where to look a line up, and a sentence instead of a number.
ELSEWHERE: tuple[Line, ...] = (
    _line("zz-findahelpline", ("Find A Helpline", "Find A Helpline"),
          ("Lists free help lines of your country.", "Muestra líneas de ayuda gratis de su país."),
          (Way("web", "https://findahelpline.com/"),), "suicide listening mental violence treatment", "en es",
          "https://findahelpline.com/"),
    _line("zz-emergency", ("Your local emergency number", "El número de emergencia de su país"), _DANGER, (),
          "emergency poison", "", "https://findahelpline.com/"),
)
