"""Words of one kind that never stand for each other: two organs, two symptoms, two days of a week.

Word vectors take them for near, because texts use them alike. One kind a line, its members apart by blanks, words for
the same member by strokes. Written from general knowledge for the grounding checker (carrying.py) in our own words;
nothing of it is shown to a patient.
"""

_KINDS_TEXT = """
    heart/cardiac/cardiovascular liver/hepatic kidney/renal lung/pulmonary brain/cerebral stomach/gastric
        bowel/intestine/intestinal/gut/colon skin eye/ocular ear thyroid bladder spine/spinal/back bone knee hip
        shoulder elbow neck jaw tongue throat nose/nasal pancreas/pancreatic spleen gallbladder prostate uterus/womb
        ovary/ovarian testicle breast vagina/vaginal cervix/cervical nerve muscle joint tendon ligament artery vein
        finger toe arm leg foot/feet hand
    sodium/salt potassium calcium magnesium iron zinc iodine glucose/sugar cholesterol/lipid creatinine hemoglobin
        albumin protein fat fiber caffeine alcohol nicotine/tobacco bilirubin ferritin insulin cortisol
        estrogen/oestrogen testosterone oxygen
    fever/feverish cough rash/hives headache nausea/nauseous/queasy vomiting/vomit dizziness/dizzy/lightheaded diarrhea
        constipation/constipated itching/itch/itchy fatigue/tired/tiredness swelling/edema/swollen cramp
        bleeding/bleed bruising/bruise wheezing/wheeze seizure fainting/faint insomnia/sleeplessness sweating/sweat
        chills sneezing/sneeze hiccups numbness/numb heartburn
    diabetes/diabetic asthma pneumonia migraine anemia/anaemia gout depression/depressed arthritis osteoporosis epilepsy
        eczema hepatitis stroke cancer/tumor flu/influenza measles mumps chickenpox shingles malaria tetanus
        hypertension glaucoma cataract psoriasis acne obesity dementia appendicitis bronchitis allergy lupus
    bacteria/bacterial/bacterium virus/viral fungus/fungal/yeast parasite/parasitic
    tablet/pill/capsule injection/shot patch cream/ointment inhaler spray suppository liquid/syrup
    ultrasound mri biopsy colonoscopy endoscopy electrocardiogram/ecg/ekg mammogram
    blood urine stool/feces saliva sweat semen mucus/phlegm tears
    child/children/kid/childhood adult/adulthood teenager/adolescent
    man/men/male/boy woman/women/female/girl
    mother father
    doctor/physician nurse pharmacist dentist
    antibiotic antiviral antifungal antihistamine steroid/corticosteroid opioid antidepressant diuretic statin
        anticoagulant vaccine/vaccination/immunization sedative stimulant antacid laxative insulin
    morning evening/night/bedtime afternoon noon
    breakfast lunch dinner/supper
    spring summer autumn winter
    monday tuesday wednesday thursday friday saturday sunday
    second minute hour/hourly day/daily week/weekly month/monthly year/yearly/annual/annually decade
    red yellow green blue black white brown pink purple
    coffee tea milk juice water beer wine
    meat egg fish nuts bread rice fruit vegetable cheese
    hearing vision/sight smell taste touch
    clinic pharmacy laboratory/lab school
"""


def _read_kinds() -> list[list[list[str]]]:
    rows = list[str]()
    for line in _KINDS_TEXT.strip("\n").splitlines():
        if line.startswith(" " * 8):
            rows[-1] += line
        elif line.strip():
            rows.append(line)
    return [[member.split("/") for member in row.split()] for row in rows]


KINDS = _read_kinds()
