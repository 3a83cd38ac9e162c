"""What must survive redaction: doses, lab values, frequencies, durations, drugs, diseases, years, states."""

from collections.abc import Iterator

import pytest

from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers

SENTENCES = """
I take metformin 500 mg twice a day with food.
My A1c was 7.2% and my fasting glucose was 126 mg/dL.
Should I stop lisinopril 10 mg if my blood pressure is 98/60?
I have been on Lipitor 40 mg for 3 years.
My LDL is 131, HDL 44 and triglycerides 210.
The rash started two weeks ago and itches at night.
Take 1/2 tablet every 6 hours as needed.
I use albuterol 2 puffs every 4-6 hours.
Is it safe to take ibuprofen 400 mg with Eliquis?
My TSH came back at 4.8 mIU/L.
I was diagnosed with Crohn's disease in 2019.
Does Parkinson's disease cause constipation?
She has Graves disease and takes methimazole.
He has Hodgkin lymphoma in remission since 2015.
What does a positive Babinski sign mean?
My Apgar score question is about my first baby.
Could this be Lyme disease or Bell's palsy?
I have Hashimoto's thyroiditis and feel tired.
Is Raynaud's worse in winter?
Can I have the Holter monitor off to shower?
I am 45 years old and weigh 180 lbs.
My mother is 89 years old and uses a walker.
A 12-year-old can take 200 mg of ibuprofen.
I have had this cough for 10 days.
My temperature was 101.3 F last night.
My heart rate is 92 at rest.
I live in Texas and need a refill.
Are there clinics in Florida that do this?
I had chickenpox in 1987.
My creatinine went from 1.1 to 1.4 mg/dL.
The potassium was 5.3 mmol/L.
Take it at 8 am and 8 pm.
I drink 2-3 glasses of wine a week.
Insulin glargine 20 units at bedtime.
My INR is 2.5 on warfarin 5 mg daily.
I walk 10000 steps a day.
Do I need the COVID booster and the flu shot?
My platelets are 150,000 per microliter.
WBC 11.2, hemoglobin 13.4, hematocrit 40.
May I take Tylenol with my antibiotics?
I will try the new inhaler for a month.
Can Humira cause hair loss?
I switched from Zoloft 50 mg to Lexapro 10 mg.
My doctor said to fast for 12 hours before the test.
The nurse told me to call if the fever is over 102.
Is a 20% chance of side effects high?
The MRI showed a 4 mm nodule.
My blood pressure was 140/90, then 128/82.
I gained 15 pounds in 6 months.
The pain is 8 out of 10.
I need a colonoscopy every 5 years.
Is Ozempic 0.25 mg once a week a starting dose?
My son is 6 and has asthma.
My daughter has a sore throat and a fever.
I am 32 weeks pregnant with twins.
My last period was 5 weeks ago.
Can I take vitamin D 2000 IU with calcium 600 mg?
I have type 2 diabetes and high blood pressure.
The second dose is due in 21 days.
I had a knee replacement 6 weeks ago.
Physical therapy is 3 times a week.
My eGFR is 58 and the urine albumin is 30 mg/g.
Do Epley maneuvers help vertigo?
My dad had a heart attack at 52.
I smoke half a pack a day for 20 years.
My ferritin was 12 ng/mL.
What is the difference between Tdap and DTaP?
Is Medicare going to cover the shingles vaccine?
My BMI is 31.4.
The cream is 0.1% triamcinolone, twice daily for 14 days.
""".strip().splitlines()


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_clinical_sentence_stays_as_it_is(redactor: Redactor, sentence: str) -> None:
    assert redactor.redact(sentence).redacted.text == sentence


def test_a_sentence_with_an_identifier_does_not_stay(redactor: Redactor) -> None:
    assert redactor.redact("I am 92 years old.").counts() == {"AGE_OVER_89": 1}
