"""What a session vouches for is found in every form, and nothing else is taken for it.

The figure of issue 3: known-session identifiers, at least 20 surface forms of each, found in 1.000 of at least 5,000.
"""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clock import assert_within
from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.engine import Redactor
from portico_redaction.known.lists import nicknames_of
from portico_redaction.known_values import KnownSession, KnownSessions
from portico_redaction.normalise import normalise
from portico_redaction.recognisers import all_recognisers
from unit.redaction.known_people import FORMS, Person, Surface, make_person, surfaces
from unit.state.rig import say

SEED = 20_261_125
PEOPLE = 40
CONTROLS = Path(__file__).parents[3] / "training" / "data" / "phi" / "utility.jsonl"


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def people(rng: random.Random, count: int = PEOPLE) -> list[Person]:
    return [make_person(rng) for _ in range(count)]


def forms_of(person: Person, rng: random.Random) -> list[Surface]:
    return [surface for kind in FORMS for surface in surfaces(person, kind, rng)]


def found_in(session: KnownSession, text: str) -> list[PhiSpan]:
    folded = normalise(text)
    spans = session.find(folded.text)
    return [PhiSpan(*folded.original_range(s.start, s.end), s.type, s.score) for s in spans]


def is_covered(surface: Surface, spans: list[PhiSpan] | tuple[PhiSpan, ...]) -> bool:
    """Say whether every letter and digit of the identifier lies in a span."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    wanted = [at for at in range(surface.start, surface.end) if surface.text[at].isalnum()]
    return covered.issuperset(wanted)


def says(text: str, *names: str) -> set[str]:
    """Return what is found of names in a text."""
    session = KnownSession([KnownValue(PhiType.NAME, name, person) for person, name in enumerate(names)])
    return {text[span.start : span.end] for span in found_in(session, text)}


def test_every_form_of_what_the_session_knows_is_found() -> None:
    rng = random.Random(SEED)
    missed, tried, kinds = [], 0, dict.fromkeys(FORMS, 0)
    for person in people(rng):
        session = KnownSession(person.values())
        for surface in forms_of(person, rng):
            tried += 1
            kinds[surface.form.split(":")[0]] += 1
            if not is_covered(surface, found_in(session, surface.text)):
                missed.append(surface.form)
    say(f"seed {SEED}: {tried} strings of {PEOPLE} people, {kinds}, missed {len(missed)}")
    assert tried >= 5_000
    assert all(count >= 20 * PEOPLE for count in kinds.values())
    assert missed == []


def test_the_redactor_covers_them_and_without_the_session_it_does_not(redactor: Redactor) -> None:
    """The negative control: most forms are found only because the session says what to look for."""
    rng = random.Random(SEED)
    left = {True: 0, False: 0}
    tried = 0
    for person in people(rng, 6):
        for surface in rng.sample(forms_of(person, rng), 40):
            tried += 1
            for known in (True, False):
                spans = redactor.find_spans(surface.text, known_values=person.values() if known else ())
                left[known] += not is_covered(surface, spans)
    say(f"seed {SEED}: {tried} strings, left uncovered with the session {left[True]}, without {left[False]}")
    assert left[True] == 0
    assert left[False] > tried / 10


def test_another_patients_session_finds_nothing() -> None:
    rng = random.Random(SEED)
    made = people(rng)
    taken, tried = [], 0
    for person, other in zip(made, made[1:] + made[:1], strict=True):
        session = KnownSession(other.values())
        for surface in forms_of(person, rng):
            if _shares(person, other) or "last four" in surface.form or "last 4" in surface.form:
                continue
            tried += 1
            taken.extend(surface.form for _ in found_in(session, surface.text)[:1])
    say(f"seed {SEED}: {tried} strings of another patient, found in {len(taken)}: {sorted(set(taken))}")
    assert tried > 4_000
    assert len(taken) <= tried / 1_000


def _shares(person: Person, other: Person) -> bool:
    """Say whether two made-up people share a street or a name part by chance."""
    parts = [{*nicknames_of(p.given.lower()), p.middle.lower(), *p.family.lower().split("-")} for p in (person, other)]
    return person.street == other.street or bool(parts[0] & parts[1])


HARD_NAMES = (
    "Will May", "Rose Hope", "Mark Bill Long", "June Summers", "Grace Brown", "Allegra Young", "Ana Lee", "Faith Small",
    "Frank Rash", "Celia Parkinson",
)  # fmt: skip


def test_clinical_sentences_stay_whoever_the_patient_is() -> None:
    """Ten patients whose names are everyday words, over the authored sentences of clinical utility."""
    texts = [json.loads(line)["text"] for line in CONTROLS.read_text(encoding="utf-8").splitlines()]
    harmed = []
    for name in HARD_NAMES:
        person = make_person(random.Random(SEED))
        session = KnownSession([KnownValue(PhiType.NAME, name), *person.values()[4:]])
        harmed.extend((name, text) for text in texts if found_in(session, text))
    tried = len(texts) * len(HARD_NAMES)
    say(f"{tried} pairs of patient and clinical sentence, touched {len(harmed)}")
    assert len(texts) >= 200
    assert len(harmed) <= tried / 1_000


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        # Everyday words: the case and the place decide.
        ("Will May", "I will take it in May.", set()),  # neither is a name
        ("Will May", "Will I need surgery?", set()),  # a question
        ("Will May", "Will has a fever", {"Will"}),  # a person does something
        ("Will May", "Will's fever is back", {"Will"}),  # a possessive
        ("Will May", "please ask Will about it", {"Will"}),  # a capital inside the sentence
        ("Will May", "it may hurt, will it?", set()),  # lower case
        ("Will May", "my name is will", {"will"}),  # an introduction, in any case
        ("Will May", "will may called", {"will may"}),  # both parts in their order
        ("Will May", "on May 3 and in May", set()),  # a month
        ("Will May", "tell Mrs. May", {"May"}),  # a title
        ("Will May", "I WILL TAKE IT IN MAY", set()),  # shouted
        ("Rose Hope", "Hope this helps. I hope so.", set()),  # the verb
        ("Rose Hope", "my sugar rose after lunch", set()),  # the verb
        ("Rose Hope", "Thanks, Rose", {"Rose"}),  # a signature
        ("Robert Graves", "could it be Graves disease or Graves' disease?", set()),  # an eponym
        ("Robert Graves", "Mr. Graves called", {"Graves"}),  # the man
        ("Ana Lee", "my ANA was positive", set()),  # a test in capitals
        ("Ana Lee", "ana said so", {"ana"}),  # the person
        ("Allegra Young", "I take Allegra for hay fever", set()),  # the drug
        ("Allegra Young", "I am Allegra Young", {"Allegra Young"}),  # the person
        ("Virginia Price", "virginia said so", {"virginia"}),  # the person
        ("Virginia Price", "I moved to Virginia in 2019", set()),  # the state stays
        ("Tom Jones", "my bones and joints hurt", set()),  # one slip from the name, and a word of its own
        ("Tom Jones", "Tom Bones called", {"Tom Bones"}),  # beside a sure part it is a slip
        ("Celia Marin", "is it celiac disease?", set()),  # as above
        # Order, initials, particles, neighbours.
        ("Maria Lopez", "Lopez, Maria and LOPEZ,MARIA", {"Lopez, Maria", "LOPEZ,MARIA"}),  # turned round
        ("Maria Lopez", "M. Lopez; ML Lopez; m lopez", {"M. Lopez", "ML Lopez", "m lopez"}),  # initials
        ("Maria Lopez", "ML is millilitres, M is mega", set()),  # initials alone
        ("Maria Lopez", "Maria L. signed", {"Maria L."}),  # family name as an initial
        ("Maria Lopez", "Maria G Lopez", {"Maria G Lopez"}),  # an initial we do not know
        ("Juan de la Cruz", "dela cruz; de la Cruz and delacruz", {"dela cruz", "de la Cruz", "delacruz"}),  # particles
        ("Sean O'Brien", "OBrien; O Brien; O’Brien; obrien's", {"OBrien", "O Brien", "O’Brien", "obrien"}),  # O'
        ("Ana Garcia-Lopez", "garcia lopez; GarciaLopez", {"garcia lopez", "GarciaLopez"}),  # double names
        ("Jürgen Müller", "Juergen Mueller; jurgen muller", {"Juergen Mueller", "jurgen muller"}),  # umlauts
        ("Maria Lopez", "the Lopezes and Marias pills", {"Lopezes", "Marias"}),  # plural, possessive without sign
        ("William Marsh", "Bill Marsh; billy marsh; Liam Marsh", {"Bill Marsh", "billy marsh", "Liam Marsh"}),
        ("Pepe Ruiz", "Jose Ruiz", {"Jose Ruiz"}),  # from the short form to the long one
        # User names, addresses, links.
        ("Maria Lopez", "follow #MariaLopez or @mlopez82", {"#MariaLopez", "@mlopez82"}),
        ("Maria Lopez", "it is lopez.maria82@example.org.", {"lopez.maria82@example.org"}),
        ("Maria Lopez", "see https://example.org/u/maria-lopez?x=1 now", {"https://example.org/u/maria-lopez?x=1"}),
        ("Maria Lopez", "drmarialopez and maria_lopez_rn", {"drmarialopez", "maria_lopez_rn"}),
        # Slips.
        ("Maria Lopez", "maira lopes; Mraia; lopz; mariaa", {"maira lopes", "Mraia", "lopz", "mariaa"}),
        ("Ned Bly", "Nad and Bla", set()),  # short names are matched exactly
    ],
)  # fmt: skip
def test_names_in_their_places(name: str, text: str, found: set[str]) -> None:
    assert says(text, name) == found


def test_two_people_do_not_become_one_span() -> None:
    assert says("Maria, Ana and Luis came", "Maria Lopez", "Ana Ruiz", "Luis Ruiz") == {"Maria", "Ana", "Luis"}


VALUES = (
    KnownValue(PhiType.DATE, "1984-03-09"),
    KnownValue(PhiType.MRN, "MRN00482913"),
    KnownValue(PhiType.PHONE, "+15035550142"),
    KnownValue(PhiType.GEOGRAPHIC, "412 North Alder Street, Apt 5B", part=KnownPart.STREET),
    KnownValue(PhiType.GEOGRAPHIC, "Fairhaven", part=KnownPart.CITY),
    KnownValue(PhiType.GEOGRAPHIC, "Hope", part=KnownPart.CITY),
    KnownValue(PhiType.GEOGRAPHIC, "97205", part=KnownPart.POSTCODE),
)


@pytest.mark.parametrize(
    "text",
    [
        "I have had it since 1984",  # the year alone stays
        "take 3/9 of a tablet",  # a fraction
        "2913 calories, and 0142 was the code",  # four digits alone
        "my pressure was 142/84",  # a pressure
        "I live in Oregon, OR, USA",  # state and country stay
        "I hope it helps. Hope so.",  # a town that is an everyday word
        "I take 412 mg at 5",  # a number of the address
        "walking north in the street",  # words of the address
        "alder pollen makes me sneeze",  # the name of the street as the tree
        "482914 and 503-555-0143",  # one digit off is another number
        "in March I had 9 days off",  # month and number apart
    ],
)
def test_numbers_and_places_that_are_not_meant_stay(text: str) -> None:
    assert found_in(KnownSession(VALUES), text) == []


def test_a_message_costs_little() -> None:
    person = make_person(random.Random(SEED))
    proxies = [make_person(random.Random(n)) for n in range(3)]
    values = [
        *person.values(),
        *(KnownValue(PhiType.NAME, f"{p.given} {p.family}", n) for n, p in enumerate(proxies, 1)),
    ]
    session = KnownSession(values)
    text = (
        f"Hi, this is {person.given} {person.family}, born {person.born}. I have taken lisinopril 10 mg every day, "
        "my pressure is still 150/95 in the evening. Can I take ibuprofen? Call me back at the usual number."
    )[:200]
    times = []
    for _ in range(100):
        begin = time.process_time()
        session.find(text)
        times.append(time.process_time() - begin)
    median = sorted(times)[50] * 1000
    say(f"{len(text)} characters, {len(values)} values: median {median:.2f} ms")
    assert median <= 2.0


HOSTILE = [
    "1-",
    "1 ",
    "4 1 2 ",
    "maria ",
    "m. ",
    "lopez,",
    "a@",
    "march ",
    "9 march ",
    "alder ",
    "412 n ",
    "lopz maira ",
    "m",
    "_",
]
HOSTILE += [
    "maria.lopez",
    "marialopez",
    "5 0 3 5 ",
    "mrn ",
    "born ",
    "._-",
    "maria.lopez@",
    "m.l.",
    "((",
    "de la ",
    "0",
    "Maria\n",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_costs_a_quarter_second_at_most(unit: str) -> None:
    values = [
        KnownValue(PhiType.NAME, "Maria de la Lopez"),
        KnownValue(PhiType.EMAIL, "maria.lopez@example.org"),
        *VALUES,
    ]
    session = KnownSession(values)
    assert_within(0.25, lambda: session.find((unit * 8_000)[:8_000]))


def test_sessions_are_kept_in_a_bound_and_for_a_time() -> None:
    clock = [0.0]
    sessions = KnownSessions(most=3, idle_s=60, now=lambda: clock[0])
    first = sessions.session_of(((PhiType.NAME, "Ana Ruiz"),))
    assert sessions.session_of(((PhiType.NAME, "Ana Ruiz"),)) is first
    for number in range(10):
        sessions.session_of(((PhiType.MRN, f"MRN{number}"),))
    assert len(sessions) == 3
    assert sessions.session_of(((PhiType.NAME, "Ana Ruiz"),)) is not first  # it was the one that waited longest
    clock[0] = 61.0
    sessions.session_of(((PhiType.MRN, "MRN99"),))
    assert len(sessions) == 1


def test_nothing_is_kept_for_a_session_that_says_nothing() -> None:
    sessions = KnownSessions()
    assert sessions.session_of(()).find("Maria Lopez, 03/09/1984") == []
    assert len(sessions) == 0


def test_a_session_finds_its_own_patient_only() -> None:
    sessions = KnownSessions()
    text = "Ana Ruiz and Bo Quispe"
    one = sessions.session_of(((PhiType.NAME, "Ana Ruiz"),)).find(text)
    other = sessions.session_of(((PhiType.NAME, "Bo Quispe"),)).find(text)
    assert [text[s.start : s.end] for s in (*one, *other)] == ["Ana Ruiz", "Bo Quispe"]
