"""How people write that they think of dying, that they hurt themselves, or that somebody close harms them.

The vocabularies have nouns for it ("suicidal thoughts", "domestic abuse"); people write it as it happens. Help stands
on these words, so they are read word for word, in both languages, and never guessed from others ("grief hits me hard").
Which words are looked for: those of the risk phrases that crisis lines teach to listen for (988 Suicide & Crisis
Lifeline's warning signs: wanting to die, no reason to live, being a burden to others), as they are typed. A clinician's
and a native reader's look at them stands in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

VIOLENCE, SUICIDE, SELF_HARM, SUICIDE_LOSS = "domestic_violence", "suicidal_thoughts", "self_harm", "suicide_loss"

# Somebody close and what they do: only both together are read.
_SOMEBODY = {"en": "he she they husband wife partner boyfriend girlfriend ex dad father mom mother stepdad brother son",
             "es": "el ella ellos esposo esposa marido pareja novio novia ex papa padre mama madre padrastro hermano "
                   "hijo"}
_HARMS = {"en": "hits|hit|beats|beat|slaps|slapped|kicks|punches|punched|chokes|choked|strangles|strangled|hurts|"
                "threatens|threatened|abuses|abused|is hitting|is beating|is hurting|is abusing",
          "es": "me pega|me pego|me pegan|me golpea|me golpeo|me golpean|me maltrata|me maltrato|me lastima|me amenaza|"
                "me ahorca|me ahorco|me abusa"}

# What somebody means to do, with what it may begin with; "" lets it stand alone.
_INTENT = {
    "en": ("|want to|wanna|wanted to|going to|gonna|plan to|planning to|ready to|need to|tried to|try to|about to|"
           "think about|thinking about|thought about|think of|thinking of|thought of|thoughts of|thoughts about",
           "kill myself|killing myself|kill my self|killing my self|kms|end my life|ending my life|end my own life|"
           "ending my own life|take my life|taking my life|take my own life|taking my own life|end it all|"
           "ending it all|commit suicide|committing suicide|hang myself|hanging myself|shoot myself|shooting myself|"
           "unalive myself|suicide"),
    "es": ("|quiero|queria|quisiera|voy a|intente|intento|trate de|pienso en|pense en|he pensado en|penso en|"
           "pensando en|ganas de|tengo ganas de",
           "matarme|suicidarme|quitarme la vida|acabar con mi vida|terminar con mi vida|acabar con todo|ahorcarme|"
           "pegarme un tiro|cortarme las venas|el suicidio|me quiero matar|me voy a matar|me quiero suicidar|"
           "me voy a suicidar|me quiero quitar la vida|me voy a quitar la vida"),
}
# Not wanting what keeps one alive, and what is not wanted.
_AGAINST = {
    "en": ("don't|dont|do not|didn't|did not|no longer|not", "want to|wanna|wanting to|wanted to",
           "live|be alive|be here anymore|be here any more|exist|live anymore|live any more|wake up|go on living|"
           "keep living"),
    "es": ("no|ya no", "quiero|quisiera|queria", "vivir|vivir mas|seguir viviendo|seguir aqui|estar viva|estar vivo|"
           "existir|despertar|despertarme|estar aqui"),
}
_DYING = {
    "en": "want to die|want too die|wan to die|wanna die|wanted to die|want to be dead|wanna be dead|"
          "wish i was dead|wish i were dead|"
          "wish i would die|wish i could die|wishing i was dead|rather be dead|better off dead|better off without me|"
          "no reason to live|nothing to live for|tired of living|tired of being alive|life is not worth living|"
          "life isn't worth living|not worth living|hope i don't wake up|go to sleep and never wake up|"
          "go to sleep and not wake up|wish i would not wake up|wish i wouldn't wake up|can't go on living|"
          "attempted suicide|ready to die|close to suicide|driven to suicide|almost committed suicide|"
          "nearly committed suicide|thought about committing suicide",
    "es": "quiero morir|quiero morirme|me quiero morir|quisiera morir|quisiera morirme|me quisiera morir|queria morir|"
          "ganas de morir|ganas de morirme|quisiera estar muerta|quisiera estar muerto|ojala estuviera muerta|"
          "ojala estuviera muerto|mejor muerta|mejor muerto|mejor sin mi|sin ganas de vivir|no tengo ganas de vivir|"
          "sin razon para vivir|no tengo razon para vivir|no tengo razones para vivir|cansada de vivir|"
          "cansado de vivir|no vale la pena vivir|la vida no vale la pena|no quiero mas vida",
}
# Names of it, which are no clauses.
_NAMES = {
    "en": "suicide|suicidal|suicidal thoughts|suicidal ideation|suicide attempt|suicide attempts|thoughts of dying",
    "es": "suicidio|pensamientos suicidas|pensamientos de suicidio|ideas suicidas|ideacion suicida|intento de suicidio|"
          "intentos de suicidio",
}
_HURTING = {
    "en": "hurt myself|hurting myself|harm myself|harming myself|cut myself|cutting myself|burn myself|"
          "burning myself|self harm|self harming",
    "es": "hacerme dano|me hago dano|lastimarme|me lastimo|cortarme|me corto|quemarme|me quemo la piel|autolesionarme|"
          "me autolesiono",
}
# Somebody else's death; "suicide" without any of it is read as one's own, because that must not be missed.
_LOSS = {
    "en": "killed himself|killed herself|killed themselves|killed themself|took his life|took her life|"
          "took their life|took his own life|took her own life|took their own life|by suicide|to suicide|"
          "committed suicide|completed suicide|suicide survivor|suicide survivors|suicide bereavement|"
          "after a suicide|suicide of my|suicide of a|"
          "dad's suicide|father's suicide|mom's suicide|mother's suicide|brother's suicide|sister's suicide|"
          "son's suicide|daughter's suicide|child's suicide|husband's suicide|wife's suicide|partner's suicide|"
          "boyfriend's suicide|girlfriend's suicide|friend's suicide",
    "es": "se suicido|se quito la vida|se ahorco|por suicidio|por un suicidio",
}


def outright(tongue: str) -> dict[str, str]:
    """Every phrase of a language ("en", "es"; none of others), folded, with the focus area it stands for."""
    kinds = ((VIOLENCE, _violence(tongue)), (SELF_HARM, _cut(_HURTING, tongue)), (SUICIDE, _suicide(tongue)),
             (SUICIDE, _cut(_NAMES, tongue)), (SUICIDE_LOSS, _cut(_LOSS, tongue)))
    return {phrase: code for code, phrases in kinds for phrase in phrases if phrase}


@cache
def clauses() -> frozenset[str]:
    """The phrases of both languages that are clauses of their own: a "no" some words before one denies something else
    ("ya no aguanto, me quiero matar")."""
    return frozenset(phrase for tongue in _HARMS for phrase, code in outright(tongue).items()
                     if code != SUICIDE_LOSS and phrase not in _cut(_NAMES, tongue))


def is_clause(phrase: str) -> bool:
    """Whether a folded phrase is such a clause, or holds one ("mi esposo me pega")."""
    words = phrase.split()
    ends = range(1, len(words) + 1)
    return any(" ".join(words[at:end]) in clauses() for end in ends for at in range(end))


def _violence(tongue: str) -> Iterator[str]:
    for who, deed in product(_SOMEBODY.get(tongue, "").split(), _cut(_HARMS, tongue)):
        yield f"{who} {deed} me" if tongue == "en" else f"{who} {deed}"


def _suicide(tongue: str) -> Iterator[str]:
    begun, deeds = _INTENT.get(tongue, ("", ""))
    for first, deed in product(begun.split("|"), deeds.split("|")):
        yield f"{first} {deed}".strip()
    for words in product(*(part.split("|") for part in _AGAINST.get(tongue, ()))):
        yield " ".join(words)
    yield from _cut(_DYING, tongue)


def _cut(phrases: dict[str, str], tongue: str) -> list[str]:
    return [one for one in phrases.get(tongue, "").split("|") if one]
