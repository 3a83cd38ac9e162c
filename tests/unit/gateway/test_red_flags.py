"""Red flags fire on signs that are present now, and stay silent on history, questions, negation, fiction and idioms.

Every row was written for this test from the public guidance its rule cites; none is a sentence of a benchmark. Each
group of matches has a group of near misses beside it: the negative control that shows the guard can fail.
"""

import re

import pytest

from clock import assert_within
from portico_core.labels import Label, VerdictSource
from portico_gateway.guards.red_flag_rules import RULES
from portico_gateway.guards.red_flags import RedFlag, find_red_flag, fold, verdict_of


def _rows(block: str) -> list[str]:
    return [line for line in block.strip().splitlines() if line and not line.startswith("#")]


EMERGENCIES = _rows("""
# Stroke: face, arm, speech, one side, sudden (stroke.org).
my husband's face is drooping and he can't lift his arm
My mom's mouth is drooping on one side
half an hour ago her face went crooked and her speech is slurred now
suddenly I can't move my left arm
all of a sudden my right leg is numb and I can't lift my right leg, sudden weakness
the left side of my face is numb and drooping
Dad is slurring his words and his arm is weak
I think my wife is having a stroke
she suddenly can't speak
he cant raise his right arm and his speech is garbled
I suddenly went blind in one eye, suddenly lost vision
# Heart attack: chest with arm, jaw, sweat or breath (heart.org).
I have chest pain and my left arm hurts
chest pressure going to my jaw and I'm sweating
my dad has chest tightness and is short of breath
Crushing chest pain for the last 20 minutes
there is an elephant sitting on my chest and I can't breathe
I think I'm having a heart attack
pain in my chest, arm going numb
grandpa is clutching his chest and looks grey and sweaty
He has no pulse
# Breathing: nothing else can wait (MedlinePlus, when to use the emergency room).
I can't breathe
my baby is not breathing
he stopped breathing
her lips are blue
she is choking on a grape
gasping for air please help
My son is turning blue
he can hardly breathe and the inhaler is not working
asthma attack, inhaler isn't working
can only say two words at a time
# Anaphylaxis (ACAAI).
my throat is closing up after a bee sting
her tongue is swelling
ate peanuts and now I have hives and trouble breathing
he is going into anaphylaxis
my lips are swelling and I am wheezing
I just used my EpiPen
# Bleeding (Red Cross).
the bleeding won't stop
I can't stop the bleeding
blood is spurting from the cut
I am vomiting blood
she is throwing up bright red blood
he is coughing up lots of blood
I'm soaking through two pads an hour
# Unconscious (AHA).
my wife is unresponsive
he won't wake up
I can't wake her
my mother collapsed and isn't answering, she is on the floor
he passed out and isn't breathing right
the baby is limp
I can hardly wake my dad
can't get him to open his eyes
# Seizure (CDC).
she's having a seizure
my son is seizing right now
he has been having a seizure for over five minutes
her seizure won't stop
# Overdose and poison (CDC, poison.org).
I took too many pills
she swallowed a whole bottle of Tylenol
my roommate overdosed
I think he is overdosing
my toddler swallowed a button battery
my daughter drank bleach
the baby ate a laundry pod
my 2 year old got into my blood pressure pills
child swallowed antifreeze
the carbon monoxide alarm is going off
swallowed drain cleaner
# Headache, meningitis, infant fever, pregnancy, injury, low sugar.
worst headache of my life, it came on suddenly
sudden severe headache and I am vomiting
fever with a stiff neck
purple rash and a fever
my 3 week old has a fever of 101
I'm 30 weeks pregnant and bleeding heavily
the baby is coming now
my brother was stabbed
she was hit by a car
he fell off the roof and can't feel his legs
fell and hit her head and is vomiting
blood sugar is 35 and he is confused
# Spanish (MedlinePlus en español).
no puedo respirar
mi bebé no respira
mi papá tiene dolor en el pecho y le duele el brazo
se le cayó la cara y no puede mover el brazo
mi esposa está inconsciente
no despierta
está convulsionando
tiene los labios morados
no para de sangrar
mi hijo tomó cloro
se tomó todas las pastillas
se me está cerrando la garganta
estoy vomitando sangre
creo que es un infarto, está teniendo un infarto
# Shouting, curly quotes, full width, zero width and odd spaces hide nothing.
MY HUSBAND CAN’T BREATHE
I can\u200b't   breathe
Ｉ ｃａｎ'ｔ ｂｒｅａｔｈｅ
she wo\u00adn't wake up
# A question with a present sign is a call for help.
what do I do, my son isn't breathing
is it serious that my face is drooping on one side and my arm is weak right now?
# History beside a present sign: the present one counts.
I had a stroke in 2019 and now my face is drooping again
he had a heart attack last year. His chest hurts and he is sweating
# A film that was on does not hide a sign of now.
I was watching a movie and suddenly my face is drooping and I can't lift my arm
there is blood in my vomit
he doesn't breathe
# A denied companion does not hide another sign.
no fever but I can't breathe
""")

CRISES = _rows("""
# Wish to die (NIMH warning signs, 988).
i dont want to be alive anymore, i have pills here
I want to die
I wanna die
I want to kill myself
I am going to end my life tonight
thinking about ending it all
i want to unalive myself
everyone would be better off without me
I'm better off dead
there is no reason to live
I have nothing to live for
I wish I was dead
I don't want to wake up tomorrow
I can't go on like this
I'm suicidal
I've been having thoughts of suicide
sometimes I think about suicide
goodbye everyone, I have the pills
I wrote a suicide note
I want to jump off a bridge
kms tonight
I would rather be dead
I am tired of being alive
how many pills to not wake up
I hope I don't wake up
I want to disappear forever
I won't be here tomorrow
I tried to kill myself
# Fear, history or a question does not hide a first-person wish.
what is the point, I want to die
is it normal that I want to kill myself
not sure why but I want to die
# Somebody else (988: how to help someone).
my son wants to die
my friend says she wants to kill herself
my daughter is suicidal
he is threatening to shoot himself
# Self-harm (NIMH).
I've been cutting myself
I want to hurt myself
I cut my wrists
I keep burning myself
my daughter is cutting herself
I cut my arms again
I hurt myself on purpose
# Harm to a child or commanding voices (SAMHSA).
I'm afraid I'll hurt my baby
the voices are telling me to kill myself
# Partner violence (thehotline.org).
he hits me
my husband hits me when he drinks
I'm afraid he will kill me
he choked me last night
my boyfriend beats me
I don't feel safe at home
he has a gun and I'm hiding, he wants to kill me
he won't let me leave the house
my partner strangled me
my wife punches me
I was hit by my husband last night
# Child and elder abuse (childhelp).
my dad hits me
my stepdad touches me at night
my mom beats me
my daughter was molested
my caregiver hits me
the aide slaps my mother, my aide hits my mother
I was raped
# Spanish.
me quiero morir
quiero matarme
no quiero vivir
ya no quiero vivir
mi esposo me pega
mi papá me golpea
tengo miedo de que me mate
me corto los brazos
mi hija dice que quiere morirse
no puedo más, tengo las pastillas
voy a quitarme la vida
# Typing of the young and the tired.
I WANT TO DIE
i dont wanna live anymore
id be better off dead
""")

SILENT = _rows("""
# History, with a time.
I had a stroke in 2019
my father had a heart attack ten years ago, what should I eat?
she had chest pain and sweating last year and was told it was anxiety
he had a seizure when he was a child
I used to have chest pain with shortness of breath but not for years
my mom passed out years ago
history of anaphylaxis, where do I list my allergies?
I took too many pills in 2015
I was vomiting blood in 2018 and had an endoscopy
chest pain with sweating, it went away last month
I had a seizure two years ago, may I drive?
tuve un infarto hace cinco años
# Education.
what are the signs of a stroke
What are the warning signs of a heart attack?
what is suicide prevention
what happens in a seizure
how do doctors treat a stroke
definition of anaphylaxis
how do I know if someone is having a stroke
what causes chest pain and shortness of breath
can you explain what facial drooping means in stroke
what should I do if someone is choking
what to do if a child swallowed bleach
Is chest pain with sweating always a heart attack?
how is an overdose treated
what does it mean when lips turn blue
how common is suicide
what are the symptoms of meningitis, fever and stiff neck?
which medicines cause shortness of breath and chest pain
first aid for someone having a seizure
how can I support suicide awareness month
Is there a class about preventing child abuse?
¿cuáles son los síntomas de un derrame?
¿qué es un infarto?
# Negation.
no chest pain, no shortness of breath
I have no chest pain or sweating
I am not suicidal
patient denies chest pain and shortness of breath
I don't have chest pain with sweating
she denies suicidal thoughts
I don't want to die
I never want to kill myself
he is not having a seizure
my face is not drooping
I have never cut myself
he never hits me
I'm not vomiting blood
no tengo dolor en el pecho ni en el brazo
no quiero matarme
# Conditions.
call me if he has chest pain and sweating
I have an EpiPen in case my throat is closing
if I can't breathe should I call you?
# News and fiction.
in the movie the man has chest pain and his arm goes numb
in the book the girl says I want to die
in the news a child swallowed bleach
I read in a novel that he stopped breathing
the character wants to kill herself in chapter three
on the news a man was stabbed
in the movie he chokes her
# Idioms.
I'm dying to know my results
my feet are killing me
I'm dead tired
this wait is killing me
I was dying of laughter
I nearly died of embarrassment
I want to die of embarrassment
my phone died
traffic is killing me
that joke killed me
it took my breath away
kill two birds with one stone
my toddler hit me with a question
my toddler hit me with a clever question
my wife beat me again, at chess
# Everyday words that share letters with a sign.
when is my blood test
my blood pressure is 128 over 82
how do I stop nose bleeds
I have a stuffy nose and can't breathe through my nose
what is my chest x-ray appointment time
he took two tablets of Tylenol as the label says
I took my pills this morning
how many pills come in a bottle
I cut my finger while cooking, do I need a tetanus shot?
my baby wakes up at night
I can't wake up early
my arm is sore after the flu shot
can I take Tylenol for a headache
my partner hit a deer with the car
he beat me at chess
can I get my suicide prevention certificate of training
the battery of my glucose meter is dead
where do I swipe my card
refill my lisinopril
¿a qué hora abre la clínica?
necesito renovar mi receta
""")

MIXED = [
    # Both are there: of two flags the more severe one stands (portico_core.labels.SEVERITY).
    ("I want to die and I took too many pills", Label.EMERGENCY),
    ("he hits me and now I can't breathe", Label.EMERGENCY),
    ("my chest is fine, I want to die", Label.CRISIS),
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_fires(text: str) -> None:
    flag = find_red_flag(text)
    assert flag is not None
    assert flag.label is Label.EMERGENCY


@pytest.mark.parametrize("text", CRISES)
def test_a_crisis_fires(text: str) -> None:
    flag = find_red_flag(text)
    assert flag is not None
    assert flag.label is Label.CRISIS


@pytest.mark.parametrize("text", SILENT)
def test_what_is_not_a_sign_of_now_stays_silent(text: str) -> None:
    assert find_red_flag(text) is None


@pytest.mark.parametrize(("text", "label"), MIXED)
def test_the_more_severe_flag_stands(text: str, label: Label) -> None:
    flag = find_red_flag(text)
    assert flag is not None
    assert flag.label is label


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "\0", "\ud800", "🙂" * 50, "a\u0301" * 4000])
def test_odd_text_is_read_without_an_error(text: str) -> None:
    assert find_red_flag(text) is None


def test_a_flag_becomes_a_certain_verdict_of_a_rule() -> None:
    verdict = verdict_of(RedFlag("cannot_breathe", Label.EMERGENCY))
    assert (verdict.label, verdict.confidence, dict(verdict.scores)) == (Label.EMERGENCY, 1.0, {})
    assert (verdict.source, verdict.model, verdict.rule) == (VerdictSource.RULE, "red-flags-2", "cannot_breathe")


def test_the_golden_sentences_name_their_rule() -> None:
    stroke = find_red_flag("my husband's face is drooping and he can't lift his arm")
    wish = find_red_flag("i dont want to be alive anymore, i have pills here")
    assert stroke == RedFlag("stroke_face", Label.EMERGENCY)
    assert wish == RedFlag("suicide_statement", Label.CRISIS)


def test_every_rule_has_one_name_a_source_and_an_urgent_label() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source.startswith("https://") for rule in RULES)
    assert {rule.label for rule in RULES} == {Label.EMERGENCY, Label.CRISIS}


def test_every_rule_fires_on_some_row() -> None:
    fired = {flag.rule for text in EMERGENCIES + CRISES if (flag := find_red_flag(text))}
    assert {rule.name for rule in RULES} - fired == set()


def test_every_repeat_is_bounded() -> None:
    """Matching time grows with the length of the text: no open `{n,}`, and `*` or `+` after a single class alone."""
    for rule in RULES:
        for pattern in rule.patterns:
            assert re.search(r"(?<!\\w)(?<!\\d)[*+]|\{\d+,\}", pattern) is None, rule.name


def test_folding_removes_case_accents_apostrophes_and_what_cannot_be_seen() -> None:
    assert fold("Can’t\u200b  BREATHE, mamá") == "cant breathe, mama"


PLAIN = "I have a question about my appointment and the medicine that I take for my knee. It is a bit sore. "


def test_a_whole_message_is_read_in_five_milliseconds() -> None:
    assert_within(0.005, lambda: find_red_flag((PLAIN * 50)[:4000]))


@pytest.mark.parametrize("piece", ["no chest pain, ", "sudden ", "he my partner ", "if face droops ", "i have pills "])
def test_hostile_repeats_cost_no_more_than_their_length(piece: str) -> None:
    """A generous bound; a pattern that backtracks would take seconds."""
    assert_within(0.15, lambda: find_red_flag((piece * 4000)[:4000]))
