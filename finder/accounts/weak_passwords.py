"""Which long passwords everybody tries first, told by rule instead of by a list.

No list of leaked passwords comes under a license that lets it be carried here, and lists hold few of 15 characters and
more. Those few are made in five ways: one piece repeated, walks over the keyboard or the alphabet, the most used words
strung together with digits, well-known phrases, and the name of the person or the site. The rules refuse all of each
kind, which is far more than ten thousand; tests/accounts/test_weak_passwords.py makes and counts them.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Words that top every published count of passwords, and words of a service such as this one. Longest first is not
# needed: all ways of cutting a password into words are tried.
_WORDS = frozenset("""
password passwort passwd passphrase pass word secret login logon signin welcome hello letmein let me in open sesame
admin administrator root user guest test testing tester demo default change changeme please temp temporary system
server master access account computer internet samsung google facebook apple microsoft windows android iphone
qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm azerty qazwsx qazwsxedc abc abcd abcdef
iloveyou i love you loveyou lovely lover forever always and my your the is this are we us me to of for a an it
baby babygirl babyboy honey sweet sweetheart sweetie princess prince queen king angel angels angela heaven
monkey dragon tiger lion eagle eagles bear panther wolf shark dolphin butterfly kitty kitten puppy dog cat horse
football baseball basketball soccer hockey tennis golf sports player liverpool chelsea arsenal barcelona yankees
cowboys steelers lakers sunshine sunflower flower flowers rainbow summer winter spring autumn monday friday sunday
january february march april may june july august september october november december
superman batman spiderman pokemon starwars star wars matrix ninja warrior killer hunter ranger shadow phoenix
michael jennifer jessica jordan michelle charlie daniel thomas robert andrew matthew joshua ashley nicole amanda
anthony justin george maria carlos jesus christ god bless blessed faith hope grace mother father mommy daddy mama
family friend friends love life happy lucky money cash number one first best good great super cool crazy sexy
freedom america american usa canada london england mexico newyork california texas florida whatever nothing
something trustno1 trust no freedom cheese chocolate cookie coffee pepper ginger banana orange purple yellow
green blue red black white silver golden diamond maggie buster bailey harley mustang ferrari porsche corvette
finder seat group groups support peer listing listings steward stewards operator provider directory health
""".split())
_PHRASES = tuple("""
correcthorsebatterystaple tobeornottobethatisthequestion maytheforcebewithyou inthebeginningwastheword
maryhadalittlelamb thequickbrownfox jumpsoverthelazydog onceuponatime twinkletwinklelittlestar whatismypassword
thisismypassword ihavenopassword nevergonnagiveyouup hakunamatata livelaughlove godisgoodallthetime
inGodwetrust jesusismysavior thereisnoplacelikehome ourfatherwhoartinheaven thelordismyshepherd letsgobrandon
youshallnotpass winteriscoming thetruthisoutthere iamyourfather expectopatronum keepcalmandcarryon
""".lower().split())
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
         "wxcvbn", "!@#$%^&*()", "abcdefghijklmnopqrstuvwxyz", "qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm",
         "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "1q2w3e4r5t6y7u8i9o0p",
         "q1w2e3r4t5y6u7i8o9p0", "1a2b3c4d5e6f7g8h9i", "a1b2c3d4e5f6g7h8i9", "qawsedrftgyhujikolp")
# Signs that stand for letters in the usual disguises.
_DISGUISES = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t",
                            "+": "t", "8": "b", "|": "l"})
_PLAIN = re.compile(r"[\W_]+")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
MOST_WORDS = 3  # as many common words make no password; four and more are a passphrase
SHORTEST_WALK = 3
LEAST_OF_ITS_OWN = 8  # characters that are neither the person's nor the site's name
LEAST_LETTERS = 5  # fewer are no word that could be common; digits alone may be a good password
_FEW = 4  # different characters, as in 121212… or aaaabbbb…


def is_weak(password: str, *, email: str = "", site: str = "") -> bool:
    """Whether a password of 15 characters or more is one of those that are tried first."""
    text = password.casefold()
    squeezed = _PLAIN.sub("", text)
    if len(set(text)) <= _FEW or _repeats(text) or _repeats(squeezed):
        return True
    if _walks(text) or _walks(squeezed) or _is_names(text, email, site):
        return True
    ends = _ENDS.sub("", text)  # what is hung on at either end is no disguise of letters
    spelled = (text, text.translate(_DISGUISES), ends.translate(_DISGUISES))
    return any(_is_common(_PLAIN.sub("", one)) for one in spelled)


def _repeats(text: str) -> bool:
    """Whether it is one piece again and again, of which the last may be cut short: abcdeabcdeabcd."""
    return bool(text) and any(all(text[i] == text[i - size] for i in range(size, len(text)))
                              for size in range(1, len(text) // 2 + 1))


def _walks(text: str) -> bool:
    """Whether it is made of walks along keys or the alphabet and of single signs between them."""
    if len(text) < 2 * LEAST_LETTERS:
        return False
    left, at = 0, 0
    while at < len(text):
        step = _walk_from(text, at)
        left += 0 if step else 1
        at += step or 1
    return left <= len(text) // 6


def _walk_from(text: str, start: int) -> int:
    """How many characters from here on run along one row, forth or back; 0 for fewer than three."""
    longest = 0
    for row in _BOTH_WAYS:
        size = SHORTEST_WALK
        while start + size <= len(text) and text[start:start + size] in row:
            longest, size = max(longest, size), size + 1
    return longest


_BOTH_WAYS = tuple(one for row in _ROWS for turned in (row, row[::-1])
                   for one in (turned + turned if len(turned) > 4 else turned,))


def _is_names(text: str, email: str, site: str) -> bool:
    """Whether hardly anything is left without the parts of the address and the site's name."""
    names = {one for part in (email, site) for one in _PLAIN.split(part.casefold()) if len(one) >= 4}
    names |= {_PLAIN.sub("", part.casefold()) for part in (email.partition("@")[0], site)} - {""}
    rest = _PLAIN.sub("", text)
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, "")
    own = _NOT_LETTERS.sub("", rest)
    return len(_PLAIN.sub("", text)) > len(rest) and len(own) < LEAST_OF_ITS_OWN


def _is_common(text: str) -> bool:
    letters = _NOT_LETTERS.sub("", text)
    if any(phrase in letters and len(letters) - len(phrase) < LEAST_OF_ITS_OWN for phrase in _PHRASES):
        return True
    if len(letters) < LEAST_LETTERS:
        return False
    if _repeats(letters):
        return True
    return _fewest_words(letters) <= MOST_WORDS


@lru_cache(maxsize=256)
def _fewest_words(letters: str) -> int:
    """Of how few common words it is made; more than it has letters when it holds anything else."""
    never = len(letters) + 1
    fewest = [0] + [never] * len(letters)
    for end in range(1, len(letters) + 1):
        for size in range(1, min(end, _LONGEST_WORD) + 1):
            if fewest[end - size] < never and letters[end - size:end] in _WORDS:
                fewest[end] = min(fewest[end], fewest[end - size] + 1)
    return fewest[-1]


_LONGEST_WORD = max(map(len, _WORDS))
