"""Clinical text that looks like a spelled, spread, encoded or keyed identifier and is none: it stays as it is."""

import base64
from collections.abc import Iterator

import pytest

from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers

SENTENCES = r"""
Take one tablet two times a day for five days.
Take two tablets three times a day for four to six weeks.
My blood pressure was one hundred twenty over eighty this morning.
It was 120 over 80, then 135 over 90 and 128 over 85.
One or two puffs every four to six hours, no more than eight a day.
I took one and a half pills, then two more, then one at night.
The nurse said five, ten or fifteen milligrams would do.
Start with two point five milligrams and go up to five.
My A1c went from seven point two to six point five.
I counted one two three four five six seven eight nine ten before it stopped.
Count back from one hundred by sevens: ninety three eighty six seventy nine seventy two sixty five.
My sugars were one ten, one twenty, one thirty and one forty.
On a scale of one to ten the pain is seven or eight.
On a scale of 0 1 2 3 4 5 6 7 8 9 10 mine is a 6.
My pain scores this week were 7 6 5 4 4 3 2.
Pain by day: 7, 6, 5, 5, 4, 4, 3, 2, 2, 1.
Readings: 5, 6, 5, 7, 6, 5, 8 mmol/L before meals.
The taper is 6 5 4 3 2 1 tablets over six days.
Two of my four kids had three fevers in five weeks.
Nine out of ten times one pill is enough for me.
Is one thousand two hundred milligrams of calcium too much?
I had two or three drinks twenty or thirty years ago.
Two weeks, then one week off, then two weeks again.
One day I feel fine, two days later I am tired, three days later I am fine again.
My oxygen is ninety six, sometimes ninety seven or ninety eight.
Double the dose for five days, then one a day.
Hay que tomar una tableta dos veces al día por cinco días.
Tengo dos hijos de cinco y siete años y uno de tres.
La presión era ciento veinte sobre ochenta.
Son dos por la mañana, una a mediodía y dos por la noche.
Do I need vitamins A B C D E and K?
My hepatitis A, B and C tests were negative.
I have blood type O and my wife is A B.
L4-L5 and L5-S1 discs are bulging; C5-C6 is fine.
SpO2 98, O2 by nasal cannula at 2 L.
IL-6 and IL-17 blockers, CA 19-9, B12 and T4 were checked.
My HLA-B27 and CA-125 came back; CD4 count is 512.
Take 10 000 IU or 2 000 IU of vitamin D?
WBC 4.5, RBC 4.8, HGB 14.1, HCT 42, MCV 88, MCH 29, MCHC 33.
My glucose log: 98 102 110 95 88 92 101 104.
Ferritin 45, iron 60, TIBC 300, saturation 20%25 is low?
Is 50% of 20 mg the same as 10 mg?
Is it OK to take 5%10 cream, or only 5%?
AT&T said so, and R&D of 5 &10 mg differ.
pH=7.4, pCO2=40, pO2=95, HCO3=24 on the gas.
If x=20 and y=30 is my BMI still right?
The rash is on C:\users side, I mean the left side \o/.
DNA test says BRCA1 c.68_69delAG and MTHFR C677T.
My mutation is p.Val600Glu (V600E), exon 15.
Acetaminophen/Codeine or HydrocodoneBitartrate/APAP?
Is OxyCONTIN the same as oxyCODONE? And hydrOXYzine or hydrALAZINE?
The code on the pill is IP 203 on one side, L484 on the other.
ICD E11.9, I10 and Z79.4 are on my bill; the CPT is 99213.
LOINC 4548-4 is the A1c, SNOMED has it too.
{"medication":{"name":"Lisinopril 10 mg","dose":"10 mg","frequency":"daily"}}
{"name":"Blood pressure","systolic":120,"diastolic":80}
{"a1c":7.2,"ldl":131,"status":"final","unit":"mg/dL"}
<dose>5 mg</dose><name>Metformin</name><route>oral</route>
OBX|1|NM|GLU^Glucose||98|mg/dL|70-99|N|||F
dose=5&unit=mg&times=2
name: metformin, dose: 500 mg, frequency: twice daily
5′10″ tall, 180 lb, “normal” per my doctor – is it?
Теперь я принимаю метформин два раза в день.
Πονάει το κεφάλι μου εδώ και τρεις μέρες.
أتناول قرصين في اليوم منذ خمسة أيام
मुझे तीन दिन से बुखार है
薬は一日二回飲んでいます。
Bị đau đầu ba ngày nay và uống thuốc mỗi ngày.
My daughter's temp is 101 🙂 5 ml every 6 hours 🙏
The dose is 5×10 or 10÷2, 5±1, 3→4.
I take ½ tablet at 8 and ¼ at noon.
Grade Ⅲ, stage Ⅱ, factor Ⅷ deficiency.
2 h after meals: 7.1; 1 h: 8.9; 3 h: 6.2; 4 h: 5.8.
1 a day, 2 b i d, 3 t i d, q 4 h p r n.
""".strip().splitlines()

HARMLESS = "Take 5 mg of this once daily with food, please."
ENCODED = [
    base64.b64encode(HARMLESS.encode()).decode(),
    "".join(f"%{byte:02X}" for byte in HARMLESS.encode()),
    "".join(f"&#{byte};" for byte in HARMLESS.encode()),
]


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def test_there_are_enough_rows() -> None:
    assert len(set(SENTENCES)) >= 60


@pytest.mark.parametrize("sentence", [*SENTENCES, *ENCODED])
def test_it_stays_as_it_is(redactor: Redactor, sentence: str) -> None:
    assert redactor.redact(sentence).redacted.text == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "My SSN is one two three four five six seven eight nine.",  # counting, but announced
        "My member ID is 7 6 5 4 4 3 2.",  # readings, but announced
        base64.b64encode(b"Take 5 mg, SSN 123-45-6789.").decode(),  # encoded, with an identifier
        '{"name":"Quentin Abernathy"}',  # a name that is no drug
    ],
)
def test_the_same_form_with_an_identifier_does_not_stay(redactor: Redactor, sentence: str) -> None:
    assert redactor.redact(sentence).redacted.text != sentence
