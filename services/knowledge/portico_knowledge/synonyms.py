"""Words that mean the same to a patient and to a reference text. Names of topics stand in their `also_called`.

General patient language, written for this table and reviewed by no clinician yet; it widens the search only and is
never shown. Each row is one meaning; a phrase in a question adds the other phrases of its row to the lexical half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from portico_knowledge.words import stems

GROUPS: tuple[tuple[str, ...], ...] = (
    ("high blood pressure", "hypertension", "bp", "blood pressure", "pressure"),
    ("heart attack", "myocardial infarction"),
    ("a1c", "hba1c", "hemoglobin a1c", "sugar test", "three month sugar", "average sugar", "glycated hemoglobin"),
    ("blood sugar", "glucose", "sugar level", "sugars", "sugar"),
    ("low blood sugar", "hypoglycemia"),
    ("high blood sugar", "hyperglycemia"),
    ("blood thinner", "anticoagulant", "thin the blood", "thinning"),
    ("cholesterol", "lipids", "ldl", "hdl", "triglycerides", "statin"),
    ("water pill", "diuretic", "fluid pill"),
    ("pee", "urine", "urinate", "urination", "peeing", "passing urine", "wee"),
    ("poop", "stool", "stools", "bowel movement", "bowel movements", "feces", "pooping"),
    ("belly", "stomach", "abdomen", "abdominal", "tummy", "gut"),
    ("throw up", "vomit", "vomiting", "puke", "throwing up", "puking", "threw up"),
    ("nausea", "queasy", "sick to my stomach", "upset stomach", "nauseous"),
    ("the runs", "diarrhea", "loose stools", "watery stools"),
    ("constipated", "constipation", "hard stools"),
    ("heartburn", "acid reflux", "gerd", "reflux"),
    ("swelling", "edema", "swollen", "puffy", "fluid buildup"),
    ("dizzy", "lightheaded", "dizziness", "woozy", "faint"),
    ("sleepy", "drowsy", "drowsiness", "groggy", "tired", "sleepiness"),
    ("cant sleep", "insomnia", "trouble sleeping", "sleep"),
    ("tired", "fatigue", "tiredness", "worn out", "exhausted"),
    ("rash", "hives", "itching", "itchy", "skin rash"),
    ("breathing", "breath", "shortness of breath", "short of breath", "winded"),
    ("cough", "coughing", "dry cough"),
    ("weight gain", "gain weight", "gaining weight", "put on weight", "heavier"),
    ("weight loss", "lose weight", "losing weight"),
    ("hair loss", "lose hair", "hair falling out"),
    ("bruise", "bruises", "bruising", "black and blue"),
    ("bleed", "bleeding", "blood loss", "hemorrhage"),
    ("stroke", "cerebrovascular accident"),
    ("clot", "clots", "blood clot", "thrombosis"),
    ("kidney", "kidneys", "renal"),
    ("liver", "hepatic"),
    ("heart", "cardiac"),
    ("lung", "lungs", "pulmonary"),
    ("bowel", "colon", "intestine", "intestines"),
    ("depression", "depressed", "antidepressant", "low mood"),
    ("anxiety", "anxious", "nerves", "panic"),
    ("infection", "infections", "germs", "bacteria", "bacterial"),
    ("sugar disease", "diabetes", "diabetic"),
    ("alcohol", "drink", "drinking", "beer", "wine", "booze"),
    ("drive", "driving", "drive home", "ride home", "driver"),
    ("eat", "food", "meals", "meal", "empty stomach", "eating", "breakfast"),
    ("fasting", "fast", "not eat", "nothing to eat", "eat before", "eat or drink"),
    ("forgot", "forget", "missed", "miss a dose", "missed dose", "skipped"),
    ("side effects", "side effect", "bad reactions", "reactions", "adverse effects"),
    ("signs", "symptoms", "symptom", "sign", "warning signs"),
    ("treat", "treatment", "treatments", "therapy", "treated", "manage", "management"),
    ("cause", "causes", "caused", "reason", "reasons", "why"),
    ("inherited", "genetic", "hereditary", "runs in families", "gene", "genes"),
    ("outlook", "prognosis", "life expectancy", "survival"),
    ("frequency", "how common", "how many people", "incidence", "prevalence", "affects"),
    ("diagnose", "diagnosis", "diagnosed", "tests", "test", "exams"),
    ("prevent", "prevention", "avoid"),
    ("get ready", "prepare", "preparation", "prep", "beforehand"),
    ("recover", "recovery", "heal", "healing", "afterward", "back to normal"),
    ("put to sleep", "anesthesia", "sedation", "sedative", "put under", "knocked out"),
    ("dye", "contrast"),
    ("shot", "injection", "shots", "injections", "needle"),
    ("pill", "pills", "tablet", "tablets", "medicine", "medication", "drug", "meds"),
    ("scope", "endoscopy", "endoscope"),
    ("red blood cells", "red cells", "rbc"),
    ("white blood cells", "white cells", "wbc", "white count"),
    ("platelets", "platelet", "plt"),
    ("hgb", "hemoglobin", "hb"),
    ("thyroid", "tsh"),
    ("kidney function", "creatinine", "egfr", "gfr"),
    ("liver enzymes", "alt", "ast", "liver test", "liver panel", "liver function"),
    ("pregnant", "pregnancy", "expecting"),
    ("breastfeeding", "nursing", "breast milk"),
    ("rx", "prescription", "refill", "refills", "prescriptions"),
    ("appointment", "visit", "appt", "appointments"),
    ("caregiver", "proxy", "family member", "on behalf"),
    ("bill", "bills", "charge", "charges", "statement", "cost", "pay"),
    ("login", "log in", "password", "sign in", "account", "locked out"),
    ("message", "messages", "email", "write to"),
    ("results", "result", "lab results", "test results"),
    ("doctor", "care team", "provider", "nurse"),
)


Phrase = tuple[str, ...]
Group = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A phrase (stems) that a text holds, and every phrase that means the same."""

    phrase: Phrase
    group: Group


def find_meanings(words: Sequence[str]) -> tuple[Meaning, ...]:
    """Return the table's phrases that stand in these stems, in their order."""
    return tuple(
        Meaning(phrase, group)
        for start, word in enumerate(words)
        for phrase, groups in _by_first().get(word, ())
        if tuple(words[start : start + len(phrase)]) == phrase
        for group in groups
    )


def expand(words: Sequence[str]) -> list[str]:
    """Return the stems that mean the same as some phrase of these stems, less those already there, in fixed order."""
    have = set(words)
    meanings = find_meanings(words)
    return list(dict.fromkeys(w for m in meanings for phrase in m.group for w in phrase if w not in have))


@cache
def _by_first() -> dict[str, list[tuple[Phrase, list[Group]]]]:
    """Index the table by the first stem of each phrase."""
    table: dict[Phrase, list[Group]] = {}
    for row in GROUPS:
        group = tuple(dict.fromkeys(tuple(stems(phrase)) for phrase in row))
        for phrase in group:
            table.setdefault(phrase, []).append(group)
    first: dict[str, list[tuple[Phrase, list[Group]]]] = {}
    for phrase, groups in table.items():
        first.setdefault(phrase[0], []).append((phrase, groups))
    return first
