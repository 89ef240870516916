"""Short plain pages about groups: what they are, who they suit, what happens there. Each names its sources.

A page is its parts in order: a heading with paragraphs (a tuple) or points (a list). Every text is a translatable
sentence; the last line of a page says where its facts come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finder.wordings.language import N_

Part = tuple[str, tuple[str, ...] | list[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so, in which document, and where it can be read."""

    by: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One page: its title, one leading sentence, its parts and its sources."""

    title: str
    lead: str
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]


SAMHSA_PEERS = Source("SAMHSA",
                      "TIP 64: Incorporating Peer Support Into Substance Use Disorder Treatment Services (2023)",
                      "https://www.ncbi.nlm.nih.gov/books/NBK596260/")
SAMHSA_INTENSIVE = Source("SAMHSA", "TIP 47: Clinical Issues in Intensive Outpatient Treatment (2006)",
                          "https://www.ncbi.nlm.nih.gov/books/NBK64093/")
APA_GROUPS = Source("American Psychological Association", "Psychotherapy: Understanding group therapy",
                    "https://www.apa.org/topics/psychotherapy/group-therapy")
NIMH_THERAPY = Source("National Institute of Mental Health", "Psychotherapies",
                      "https://www.nimh.nih.gov/health/topics/psychotherapies")
MHA_GROUPS = Source("Mental Health America", "Find Support Groups", "https://mhanational.org/find-support-groups/")
MEDLINE = Source("MedlinePlus", "Mental Health", "https://medlineplus.gov/mentalhealth.html")
HHS_PRIVACY = Source("U.S. Department of Health and Human Services",
                     "HIPAA Privacy Rule and Sharing Information Related to Mental Health",
                     "https://www.hhs.gov/hipaa/for-professionals/special-topics/mental-health/index.html")
CFR_PART2 = Source("Electronic Code of Federal Regulations",
                   "42 CFR Part 2: Confidentiality of Substance Use Disorder Patient Records",
                   "https://www.ecfr.gov/current/title-42/chapter-I/subchapter-A/part-2")
FIND_TREATMENT = Source("SAMHSA", "FindTreatment.gov", "https://findtreatment.gov/")
LIFELINE = Source("988 Suicide & Crisis Lifeline", "What to expect", "https://988lifeline.org/")
ADA = Source("U.S. Department of Justice", "ADA.gov", "https://www.ada.gov/")

LESSONS: Mapping[str, Lesson] = {
    "groups": Lesson(
        N_("Two kinds of groups"),
        N_("In one, people help one another. In the other, a trained therapist leads."),
        ((N_("Peer support"), (
            N_("People meet who have been through something like what you are going through. They listen and share "
               "what helped them. Nobody treats anybody."),
            N_("It rests on a safe space, listening with care, respect for each person, and solving problems "
               "together. Most of these groups are free."))),
         (N_("Group therapy"), (
             N_("A trained therapist leads a group that is often five to fifteen people. It works toward goals, and "
                "often runs for a set number of weeks."),
             N_("You learn about what troubles you, try new skills and hear how others see it. It can cost money, "
                "and health plans often pay for it."))),
         (N_("Both at once"), (
             N_("Many people use both, or one after the other. Each listing here says who leads the group, as far "
                "as the group has told us."),))),
        (SAMHSA_PEERS, APA_GROUPS)),
    "one-to-one": Lesson(
        N_("A group, or one-to-one"),
        N_("Groups help many people. Some people do better alone with one helper."),
        ((N_("What a group gives"), [
            N_("You see that you are not the only one."),
            N_("You hear from people at different stages."),
            N_("You can try out new ways to talk with others."),
            N_("It often costs less, and you can start sooner.")]),
         (N_("When one-to-one may suit you better"), [
             N_("It is hard for you to be with several people just now."),
             N_("You need all the time for one thing that is hard to say."),
             N_("You do not feel safe to speak when others hear it."),
             N_("You have tried a group and it did not help.")]),
         (N_("You can change"), (
             N_("One does not rule out the other. You can start with a helper and join a group later, or do both. A "
                "doctor or a counselor can help you decide."),))),
        (APA_GROUPS, NIMH_THERAPY)),
    "who-it-suits": Lesson(
        N_("Who these groups suit"),
        N_("These groups leave your work, school and family life in place. You come, and you go home."),
        ((N_("Light to medium trouble"), (
            N_("Most groups here meet once or twice a week. They suit people who have a hard time but can get "
               "through most days."),)),
         (N_("When you need more"), [
             N_("Several times a week: an intensive outpatient program, about nine or more hours."),
             N_("Most of the day: a day program, also called partial hospital care. You sleep at home."),
             N_("Day and night: a hospital or a place where you stay, when you are not safe at home.")]),
         (N_("When it cannot wait"), (
             N_("If you think of ending your life, or somebody is in danger, get help now. Stopping alcohol or some "
                "pills all at once can be dangerous. Ask a doctor first."),))),
        (SAMHSA_INTENSIVE, FIND_TREATMENT, LIFELINE)),
    "what-happens": Lesson(
        N_("What happens in a session"),
        N_("Every group is a little different. These are the things you will most often meet."),
        ((N_("In most groups"), [
            N_("A short hello. You can give only your first name."),
            N_("The rules are said: what is told here stays here, one person speaks at a time."),
            N_("Listening. You can just listen, the first time and later too."),
            N_("Sharing. Whoever wants to tells how the week went.")]),
         (N_("In groups led by a therapist"), [
             N_("Psychoeducation: learning how a trouble works and what helps."),
             N_("Role play: trying out a hard talk in a safe place."),
             N_("Guided imagery: a calm picture in your mind, led by a voice."),
             N_("Practice at home between the sessions.")]),
         (N_("At the end"), (
             N_("There is often a last round, and a word about next time. You can leave before that. Nobody has to "
                "say why."),))),
        (APA_GROUPS, SAMHSA_PEERS)),
    "private": Lesson(
        N_("What stays in the room"),
        N_("What people say in a group is meant to stay there. There are limits, and you should know them."),
        ((N_("In a peer group"), (
            N_("The people in it promise one another to keep quiet. It is a promise between people, not a law. Say "
               "only what you are ready to say."),)),
         (N_("With a therapist"), (
             N_("A therapist must keep your secrets by law. Care for alcohol or drug use has extra rules, known as "
                "42 CFR Part 2. The other people in the group are still bound by a promise only."),)),
         (N_("The limits"), [
             N_("If somebody is about to be badly hurt, a therapist may have to act."),
             N_("If a child, or an older person who cannot defend themselves, is being harmed, most helpers must "
                "report it."),
             N_("If a court sent you, the court may be told that you came."),
             N_("If your health plan pays, it learns some facts about the care.")]),
         (N_("You can ask"), (N_("Ask before you start: “Who will know that I am here? What do you write down?”"),))),
        (HHS_PRIVACY, CFR_PART2)),
    "online": Lesson(
        N_("Groups online and by phone"),
        N_("Many groups meet by video, by phone or by text. You need no travel, and often no camera."),
        ((N_("What you need"), [
            N_("A phone or a computer, and a link or a number that the group gives you."),
            N_("A place where nobody listens in. Headphones help. So does a parked car."),
            N_("A few minutes before the start, to see that it works.")]),
         (N_("To stay private"), [
             N_("You can often turn the camera off and use a first name only."),
             N_("See what is behind you in the picture."),
             N_("If somebody watches what you do on your phone, use another one, or call.")]),
         (N_("What to check"), (
             N_("Times are in the group’s own time zone. We show that zone, and your own beside it. Therapists may "
                "only see people in states where they have a license."),))),
        (MHA_GROUPS, NIMH_THERAPY)),
    "choosing": Lesson(
        N_("How to choose"),
        N_("The right group is one you can go to, and want to go back to."),
        ((N_("Start with you"), [
            N_("What do you want: to be heard, to learn skills, to stop something, to meet people?"),
            N_("How much can you manage: once a week, more, or now and then?"),
            N_("Do you want people like you: your age, your language, your story?"),
            N_("In a room, or from home?")]),
         (N_("Then look and ask"), [
             N_("Look here, and at your library, clinic or place of worship."),
             N_("Ask a doctor, a nurse or a counselor which groups they know."),
             N_("Call the group. How they answer tells you a lot.")]),
         (N_("Give it time, and trust yourself"), (
             N_("Many people go three times before they decide. If it feels wrong, leave, and try another one. That "
                "is about the group and not about you."),))),
        (MHA_GROUPS, MEDLINE)),
    "questions": Lesson(
        N_("Questions to ask first"),
        N_("Take these with you, or read them out on the phone."),
        ((N_("About the group"), [
            N_("Is there a place for me, and when can I start?"),
            N_("Who leads it, and what training do they have?"),
            N_("How many people come? Can I just listen at first?"),
            N_("Is it for people with what I have? Do I need a diagnosis?"),
            N_("Are people welcome who take medicine for their recovery?")]),
         (N_("About getting there"), [
             N_("What does it cost? Do you take my plan, or ask by income?"),
             N_("Can I get in without steps? Is there a bus, parking, child care?"),
             N_("Is there an interpreter, or a group in my language?"),
             N_("What happens if I miss a week?")]),
         (N_("About being safe"), [
             N_("What are the rules, and what happens if somebody breaks them?"),
             N_("What stays private, and what does not?"),
             N_("Whom can I tell if something is not right?")])),
        (APA_GROUPS, MHA_GROUPS)),
    "rights": Lesson(
        N_("Your rights"),
        N_("You decide. A good group tells you so."),
        ((N_("In any group"), [
            N_("You can leave at any time, and need not say why."),
            N_("You need not speak, pray, hug or give your last name."),
            N_("Nobody may touch you, sell you things, or ask you for money in private."),
            N_("Nobody may tell you to stop a medicine your doctor gave you.")]),
         (N_("With clinics and therapists"), [
             N_("You can ask what it costs before you start."),
             N_("You can see your own records."),
             N_("You can ask for an interpreter, and for changes if you have a disability."),
             N_("You can complain to the license board of your state.")]),
         (N_("If something is wrong"), (
             N_("Tell the person who leads the group, or the people who run it. On each listing here you can also "
                "tell us."),))),
        (ADA, HHS_PRIVACY)),
}
