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
    ("stop suddenly", "cold turkey", "quit", "stop all at once", "just stop", "stopped suddenly", "stopping", "stop"),
    ("withdrawal", "come off", "coming off", "wean", "taper", "tapering", "going off", "stop slowly"),
    ("start working", "kick in", "kicks in", "take effect", "notice a difference", "begin to work", "starts helping"),
    ("dry mouth", "cotton mouth", "cottonmouth", "mouth dry", "mouth is dry"),
    ("seizure", "seizures", "fits", "convulsions", "epilepsy"),
    ("memory", "forgetful", "forgetting", "foggy", "brain fog", "confusion", "confused", "word finding"),
    ("dinner", "supper", "evening meal", "night meal"),
    ("alcohol", "vodka", "liquor", "whiskey", "margarita", "cocktail"),
    ("breast growth", "man boobs", "breasts", "breast tenderness", "breast enlargement"),
    ("nightmares", "bad dreams", "vivid dreams", "weird dreams", "strange dreams"),
    ("hallucinations", "seeing things", "hallucinating", "hearing voices"),
    ("constipation", "bunged up", "backed up", "stopped up", "cant go", "constipated"),
    ("sunlight", "sunburn", "sun", "tanning", "beach", "sensitive to light"),
    ("restless", "restlessness", "cant sit still", "fidgety", "antsy", "pacing"),
    ("hungry", "appetite", "hunger", "eating more", "not hungry"),
    ("tremor", "shaky", "shaking", "trembling", "shakes", "jittery"),
    ("tingling", "pins and needles", "numbness", "numb"),
    ("electric shock", "brain zaps", "zaps", "shock feelings"),
    ("muscle pain", "muscle aches", "sore muscles", "achy muscles", "leg aches"),
    ("heartbeat", "heart racing", "racing heart", "palpitations", "fast heartbeat", "pounding heart", "heart rhythm"),
    ("fall asleep", "knock out", "knocks out", "knocks people out", "sedating", "sedation", "puts you to sleep"),
    ("sex", "sexual", "libido", "sex drive", "erection", "erections"),
    ("addictive", "addiction", "habit forming", "hooked", "dependence", "misuse"),
    ("throw away", "get rid of", "getting rid of", "dispose", "disposal", "leftover", "flush"),
    ("refrigerator", "fridge", "refrigerated", "cold", "keep cool", "left out", "room temperature"),
    ("crush", "chew", "split", "cut in half", "open the capsule", "swallow whole", "break"),
    ("surgery", "operation", "procedure", "operated on"),
    ("needle", "poke", "stick", "jab"),
    ("camera", "scope", "lens"),
    ("awake", "asleep", "put out", "knock you out", "numbed", "numbing"),
    ("hurt", "pain", "painful", "sore", "uncomfortable", "ache", "discomfort"),
    ("back to work", "return to work", "off work", "time off"),
    ("shower", "bath", "bathe", "bathing", "wash", "swim", "tub"),
    ("lift", "lifting", "heavy things", "carry"),
    ("walk", "walking", "walker", "crutches", "cane"),
    ("exercise", "gym", "workout", "work out", "sports", "running"),
    ("scar", "incision", "cut", "cuts", "wound", "stitches"),
    ("metal", "implant", "implants", "pacemaker"),
    ("claustrophobia", "closed in", "tight space", "claustrophobic"),
    ("accurate", "accuracy", "reliable", "trust", "wrong result", "false"),
    ("positive", "detected", "reactive"),
    ("negative", "not detected", "nonreactive"),
    ("high", "elevated", "raised", "increased", "too much", "above"),
    ("low", "decreased", "drop", "dropped", "not enough", "below", "deficiency", "lack"),
    ("dehydrated", "dehydration", "not drinking water", "fluids", "water"),
    ("child", "kid", "kids", "children", "toddler", "baby", "teen", "teenager", "son", "daughter", "grandkids"),
    ("older", "elderly", "seniors", "old people", "over 65", "over 60"),
    ("permission", "allowed", "allow", "consent", "authorize"),
    ("chart", "record", "records", "file", "medical record"),
    ("fix", "correct", "amend", "change", "edit", "update"),
    ("approve", "approved", "approval", "authorize", "preapproval", "authorization"),
    ("deny", "denied", "refused", "said no", "says no", "rejected", "turned down", "denial"),
    ("expire", "expires", "run out", "good for", "valid", "expiration"),
    ("answer", "reply", "respond", "response", "hear back", "writes back", "write back"),
    ("video", "camera", "zoom", "webcam", "screen", "froze", "microphone"),
    ("code", "text code", "verification", "two step"),
    ("afford", "cant pay", "low income", "payment plan", "charity"),
    ("glaucoma", "eye pressure"),
    ("allergies", "hay fever", "allergy", "sneezing", "pollen"),
    ("nerve pain", "neuropathy", "burning feet", "shooting pain"),
    ("menopause", "hot flashes", "change of life"),
    ("arthritis", "joint pain", "stiff joints"),
    ("migraine", "migraines", "headache", "headaches"),
    ("attention", "adhd", "add", "focus", "concentrate"),
    ("penicillin", "antibiotic", "antibiotics"),
    ("opioid", "narcotic", "painkiller", "pain pill", "pain medicine"),
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
