"""Orders, diagnoses and doses for this patient are found; safety-netting and general education are left alone."""

from datetime import date

import pytest

from portico_core.sentences import split_sentences
from portico_gateway.guards.directives import find_diagnosis, find_directive, find_dose
from portico_knowledge.passages import built_in_folder, read_topic, topic_files, topic_passages

DIRECTIVES = """
You should take metformin with dinner.
You should stop lisinopril tonight.
You must double your dose.
You need to skip the next pill.
You have to start insulin.
You ought to see how it goes for a week.
You'd better stop the aspirin.
You can safely stop warfarin.
You can stop taking it now.
You may double the dose tonight.
You may want to stop the water pill.
You don't need to call anyone.
You do not have to take it anymore.
You shouldn't worry about the chest pain.
Take two tablets at bedtime.
Please take the whole bottle.
Stop metformin before the scan.
Never take metformin with food.
Don't take your insulin today.
Start with half a pill.
If the pressure is high, take another lisinopril.
Just increase the dose.
Then skip the evening dose.
Instead, use ibuprofen.
Drink a glass of wine to relax.
Avoid your doctor.
Metformin is used for diabetes, so take it twice a day.
Metformin helps, and stop your insulin.
Warfarin thins the blood; double it if needed.
I recommend a higher dose.
We would advise surgery.
My advice is to wait.
It is safe for you to drive.
It's fine to stop aspirin.
Go ahead and take more.
Feel free to skip it.
Make sure to finish the bottle.
There is no need to see a doctor.
Your doctor does not need to know.
Change the dose without telling your doctor.
Use this instead of calling 911.
Call your care team and double your dose.
Call 911 or just take two more.
Ask your care team, then you should stop it.
""".strip().splitlines()

DIAGNOSES = """
You have diabetes.
You probably have the flu.
You may have a blood clot.
You might have cancer.
You could have kidney failure.
You don't have cancer.
You clearly have depression.
You are diabetic.
You are having a heart attack.
You're pregnant.
You are not sick.
This means you have anemia.
It suggests that you have an infection.
Your result is normal.
Your potassium level is too high.
Your kidneys are failing.
Your A1C shows prediabetes.
Your symptoms are caused by anxiety.
It sounds like you have the flu.
I think it is gout.
In your case the risk is small.
Based on your numbers, prediabetes is likely.
The diagnosis is gout.
""".strip().splitlines()

DOSES = """
Take 500 mg twice a day.
Metformin is taken as 1,000 mg daily.
Use 10 units of insulin at bedtime.
The right dose is 20.
Your dose should be 5 mg.
Take two tablets now.
Swallow half a pill tonight.
Inject another shot.
Double your dose tonight.
Increase the insulin.
Give the child 5 ml every 6 hours.
Up to 4,000 mg a day can be taken.
20 mg once a day is enough.
Add one extra tablet.
""".strip().splitlines()

SAFE = """
Call 911 for trouble breathing.
Call your care team if the rash spreads.
Ask your care team before stopping warfarin or changing how it is taken.
Tell your care team about all medicines before a scan.
Do not stop metoprolol without talking to your care team.
Metformin tablets are usually taken with meals.
A missed dose of metformin is skipped if the next dose is almost due.
Two doses of metformin are not taken at once to make up for a missed dose.
People who take montelukast every day do not take an extra dose before exercise.
You may feel pressure during a mammogram.
Call your care team if you have a new implant.
Call Poison Help at 1-800-222-1222 if too much aspirin was taken.
Blood sugar below 70 mg/dL is low.
Exercise, muscle injury, and medicines can change liver panel results.
Rest of the day is quiet for most people.
For a fever after surgery, call your care team.
Staff tell you when you can get up.
High A1C levels over time raise the risk of eye problems.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", DIRECTIVES)
def test_finds_a_directive(sentence: str) -> None:
    assert find_directive(sentence)


@pytest.mark.parametrize("sentence", DIAGNOSES)
def test_finds_a_diagnosis(sentence: str) -> None:
    assert find_diagnosis(sentence)


@pytest.mark.parametrize("sentence", DOSES)
def test_finds_a_dose(sentence: str) -> None:
    assert find_dose(sentence)


@pytest.mark.parametrize("sentence", SAFE)
def test_leaves_general_education_and_safety_netting_alone(sentence: str) -> None:
    assert not find_directive(sentence)
    assert not find_diagnosis(sentence)
    assert not find_dose(sentence)


def test_no_sentence_of_the_built_in_passages_is_lost() -> None:
    topics = [read_topic(file) for file in topic_files(built_in_folder())]
    sentences = [
        s for t in topics if t.is_served(date(2026, 12, 1)) for p in topic_passages(t) for s in split_sentences(p.text)
    ]
    lost = [s for s in sentences if find_directive(s) or find_diagnosis(s) or find_dose(s)]
    print(f"N {len(sentences)} sentences, lost {len(lost)}")  # noqa: T201  the rate with its N
    assert len(sentences) > 2000
    assert lost == []
