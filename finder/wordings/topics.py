"""What codes are called inside a sentence: topics, groups of people, leaders, ways to meet, payers and access.

Labels of the vocabularies stand alone; these stand after words such as "For" and "Led by".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from finder.wordings.language import N_, gettext, listed

# After "For": a topic, person-first.
TOPICS: Mapping[str, str] = {
    "depression": N_("depression or low mood"),
    "anxiety": N_("anxiety and worry"),
    "panic": N_("panic attacks"),
    "social_anxiety": N_("fear of being with people (social anxiety)"),
    "ocd": N_("OCD"),
    "trauma_ptsd": N_("trauma and PTSD"),
    "sexual_assault": N_("life after sexual assault or abuse"),
    "domestic_violence": N_("people hurt by a partner or family member"),
    "bipolar": N_("life with bipolar"),
    "psychosis": N_("people who hear voices or live with psychosis"),
    "bpd": N_("strong feelings that rise fast (such as BPD)"),
    "self_harm": N_("people who hurt themselves to cope"),
    "suicidal_thoughts": N_("people who think of suicide or lived through an attempt"),
    "eating_disorder": N_("eating disorders"),
    "body_image": N_("how you feel about your body"),
    "overeating": N_("eating that feels out of control"),
    "adhd": N_("life with ADHD"),
    "autism": N_("life as an autistic person"),
    "grief": N_("grief and loss"),
    "suicide_loss": N_("the loss of someone to suicide"),
    "child_loss": N_("the loss of a child"),
    "pregnancy_loss": N_("the loss of a pregnancy or a baby"),
    "pet_loss": N_("the loss of a pet"),
    "perinatal": N_("mood and worry in pregnancy or with a new baby"),
    "infertility": N_("trying to have a child"),
    "alcohol": N_("drinking"),
    "opioids": N_("opioids, such as heroin or pain pills"),
    "stimulants": N_("meth, cocaine or other stimulants"),
    "cannabis": N_("cannabis"),
    "nicotine": N_("smoking and vaping"),
    "general_recovery": N_("any substance or habit"),
    "cooccurring": N_("mental health and substance use together"),
    "gambling": N_("gambling"),
    "gaming": N_("gaming and screens"),
    "compulsive_sexual": N_("sexual behavior that feels out of control"),
    "compulsive_spending": N_("spending that feels out of control"),
    "hoarding": N_("hoarding and clutter"),
    "family_of_sud": N_("family and friends of someone who drinks or uses"),
    "family_of_mi": N_("family and friends of someone with mental illness"),
    "caregiver_stress": N_("people who care for someone ill or disabled"),
    "dementia_caregiving": N_("people who care for someone with dementia"),
    "dementia": N_("people who live with memory loss"),
    "parenting_stress": N_("the strain of raising children"),
    "relationships": N_("trouble in a relationship"),
    "divorce": N_("separation and divorce"),
    "anger": N_("anger"),
    "stress_burnout": N_("stress and burnout"),
    "loneliness": N_("people who feel lonely"),
    "sleep": N_("trouble sleeping"),
    "chronic_pain": N_("pain that lasts"),
    "chronic_illness": N_("life with a long-term illness"),
    "identity": N_("questions about gender or who you love"),
    "financial_stress": N_("money stress"),
    "general_mh": N_("any mental health concern"),
}

# After "For" or "Only for": a group of people.
GROUPS: Mapping[str, str] = {
    "children": N_("children under 13"),
    "teens": N_("teens"),
    "young_adults": N_("young adults"),
    "older_adults": N_("older adults"),
    "women": N_("women"),
    "men": N_("men"),
    "trans_nonbinary": N_("trans and nonbinary people"),
    "lgbtq": N_("LGBTQ+ people"),
    "veterans": N_("veterans"),
    "active_duty": N_("people on active duty"),
    "military_family": N_("military families"),
    "first_responders": N_("first responders"),
    "healthcare_workers": N_("healthcare workers"),
    "students": N_("students"),
    "new_parents": N_("pregnant people and new parents"),
    "parents": N_("parents"),
    "caregivers": N_("people who care for someone"),
    "black": N_("Black people"),
    "latino": N_("Latino and Hispanic people"),
    "asian_pi": N_("Asian and Pacific Islander people"),
    "indigenous": N_("Native and Indigenous people"),
    "refugees": N_("immigrants and refugees"),
    "deaf": N_("Deaf and hard of hearing people"),
    "disability": N_("people with disabilities"),
    "neurodivergent": N_("neurodivergent people"),
    "justice": N_("people with a court case, on probation or back from prison"),
    "unhoused": N_("people without a home"),
    "rural": N_("people in rural areas"),
    "moud": N_("people who take recovery medicine"),
    "hiv": N_("people living with HIV"),
    "tbi": N_("people with a brain injury"),
    "smi": N_("people with a serious mental illness"),
    "secular": N_("people who want no religion in it"),
    "faith_christian": N_("Christians"),
    "faith_muslim": N_("Muslims"),
    "faith_jewish": N_("Jewish people"),
}

LEADERS: Mapping[str, str] = {
    "peer": N_("Led by peers who have been there"),
    "certified_peer": N_("Led by a certified peer specialist"),
    "trained_facilitator": N_("Led by a trained group leader"),
    "licensed_clinician": N_("Led by a licensed therapist"),
    "medical": N_("A doctor or nurse is on the team"),
    "trainee": N_("Led by a therapist in training"),
    "chaplain": N_("Led by a chaplain or faith leader"),
    "co_led": N_("Led by a therapist and a peer together"),
}

FORMATS: Mapping[str, str] = {
    "in_person": N_("In person"),
    "online_video": N_("By video"),
    "phone": N_("By phone"),
    "text_chat": N_("By text or chat"),
    "hybrid": N_("In person or by video"),
    "self_paced": N_("Online, at your own pace"),
}

SLOTS: Mapping[str, str] = {
    "early": N_("early on weekdays"),
    "weekday_daytime": N_("on weekdays in the daytime"),
    "evening": N_("on weekday evenings"),
    "weekend": N_("on weekends"),
    "any": N_("at any time"),
}

PAYERS: Mapping[str, str] = {
    "medicaid": N_("Medicaid"),
    "medicare": N_("Medicare"),
    "private": N_("private insurance"),
    "military_ins": N_("TRICARE or other military insurance"),
    "va": N_("VA benefits"),
    "ihs": N_("Indian Health Service or tribal funds"),
    "state_insurance": N_("state insurance"),
    "justice_funds": N_("court funds"),
    "grant": N_("grant funds"),
}

ACCESS: Mapping[str, str] = {
    "step_free": N_("step-free entrance"),
    "accessible_restroom": N_("accessible restroom"),
    "asl": N_("ASL or a sign-language interpreter"),
    "captions": N_("live captions"),
    "hearing_loop": N_("hearing loop"),
    "childcare": N_("childcare, or babies welcome"),
    "respite": N_("care for your relative meanwhile"),
    "transit": N_("bus or train nearby"),
    "ride_help": N_("help with a ride"),
    "sensory": N_("low light and low noise"),
    "plain_language": N_("plain language"),
    "camera_optional": N_("camera can stay off"),
    "anonymous": N_("no ID or real name needed"),
    "confidential_site": N_("private address"),
    "attendance_slip": N_("proof that you came"),
    "smoke_free": N_("no smoking"),
    "service_animal": N_("service animals welcome"),
}

# Levels 0-4 of support, as in DESIGN.md, Marks.
SUPPORT: Mapping[int, str] = {0: N_("light"), 1: N_("mild"), 2: N_("medium"), 3: N_("heavier"), 4: N_("close")}


def named(table: Mapping[str, str], codes: str | Iterable[str] | None, *, either: bool = False) -> str:
    """The codes of a table as a list in words; codes it does not hold are left out."""
    several = [codes] if isinstance(codes, str) else list(codes or ())
    return listed((gettext(table[code]) for code in several if code in table), either=either)


def support(low: int, high: int) -> str:
    """How much support a group gives: "light to medium support"."""
    if low == high:
        return gettext("%(level)s support", level=gettext(SUPPORT[low]))
    return gettext("%(low)s to %(high)s support", low=gettext(SUPPORT[low]), high=gettext(SUPPORT[high]))
