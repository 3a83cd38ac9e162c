"""Sentences that carry the generated values: portal messages, notes in shorthand, forms, in our own words."""

CARRIERS: dict[str, str] = {
    "MRN": """
My MRN is {} and I can't see my results.
MRN: {} - please fax the referral
mrn {} needs a refill of losartan
Hi, medical record number {}, I need a letter for work.
Med rec # {}, pt wants a call back
chart no. {} was mixed up with my brother's
Patient ID {} asks about side effects of sertraline
pt ID: {} c/o dizziness x 3 days
It says "Record No: {}" on my wristband
the record number on my bracelet is {}
Número de expediente {}, necesito mi resultado
mi número de historia clínica es {}
EMR: {}
hospital number {} for my mother
{{"mrn": "{}", "note": "stable"}}
I was registered under medical record {} last time
Here's the chart number they gave me: {}
pt listed under record # {} s/p appendectomy
patient_id={};status=open
Health record no {} please merge with my new one
""",
    "SSN": """
My social security number is {}.
SSN {} in case you need it
ss# {}
The form wants my social: {}
here is my SSN ({}) for the insurance
tax id {} is on the W-2
My ITIN is {} not a social
soc sec number {}
mi número de seguro social es {}
Can you update my SSN? It should be {}
ssn={}
SSN: {}, DOB on file
the SSN on my chart is wrong, correct is {}
Husband's social security # is {}
For the disability papers: social security no. {}
""",
    "SSN last four": """
The last four of my social are {}
last 4 of SSN: {}
SSN ending in {}
my social ends in {}
last four digits of my social security number: {}
verify with last 4 {}
ssn xxx-xx-{}
SSN ***-**-{}
{} are the last four of my ssn
last four: {}
Last 4 of social is {}, please unlock my account
ss# ends {}
she asked for the last four of my SSN which is {}
my last 4 digits are {}
social (last four {})
""",
    "HEALTH_PLAN": """
My member ID is {}.
Member # {} with Aetna
insurance ID {} and it got denied
Subscriber ID: {}
policy number {} renewed this year
Ins# {}
Group no. {} if the pharmacy asks
Blue Cross ID {}
my insurance is {} now
UHC member number {} won't go through
Medicaid number {} is active
HMO ID {}
Insurance: {}
ins plan # {} covers the CT?
The card says Member ID {} and the copay is 40
Health plan ID {} for prior auth of Humira
my husband's policy # is {}
Beneficiary number: {}
la póliza es {}
Plan ID - {}
""",
    "HEALTH_PLAN MBI": """
My Medicare number is {}.
MBI {}
{} is on my red white and blue card
new Medicare card: {}
Medicare ID {} part B
Please bill {} for the flu shot
the beneficiary identifier reads {}
medicare # {} supplement plan G
MBI: {}, no part D
it starts with a digit, here: {}
Use this for Medicare: {}
Medicare beneficiary {} has questions on copays
can you check eligibility of {}
Claim denied under {}
I typed {} but the portal refused it
""",
    "ACCOUNT": """
My account number is {}.
acct # {} was charged twice
Billing account {} shows a balance
guarantor account: {}
Please refund to checking account number {}
patient account no. {} for the ER bill
bank acct {} changed
statement for account {}
Autopay should use account no {}
acct: {}
Account #{} is past due
savings account number is {} at my credit union
the bill for account {} is wrong
mi número de cuenta es {}
a/c no. {}
""",
    "ACCOUNT card": """
Charge my card {} please.
Visa {} exp 09/27
my HSA card is {}
card number: {}
I paid the copay with {} and got no receipt
credit card {} was declined
Put it on {} thanks
debit card no. {}
new card {} replaces the lost one
{} is the card on file
mastercard {}
The card I used was {}.
Please remove {} from the portal
FSA card # {}
pago con tarjeta {}
""",
    "ACCOUNT IBAN": """
Please refund to IBAN {}.
IBAN: {}
my bank in Germany is {}
transfer to {} please
{} is where the refund goes
account (IBAN) {}
refund the deposit, {}, thank you
international account {}
Bank details: {}
mi cuenta es {}
send the overpayment to {}
bank: {}
for the reimbursement use {}
wire it to {}
IBAN number {} from my travel insurance
""",
    "LICENSE": """
My driver's license is {}.
Driver license number {}
DL# {} for the age check
license no. {} is expired
state ID {}
my passport number is {}
Passport {} for the travel letter
nursing license # {}
medical license number: {}
drivers license {} got scanned twice
licencia de conducir {}
The DL number they scanned was {}
commercial driver's license {}, need the DOT physical
state id # {}
License #: {}
""",
    "LICENSE DEA": """
The pharmacy asks for the DEA number {}.
DEA {}
DEA# {} on the script
prescriber {} wrote it
dea number: {}
controlled refill under {} was refused
DEA registration {}
his DEA no. is {}
Rx signed with {}
pharmacist could not read {}
script had {} at the bottom
DEA: {}, please resend
It lists {} next to the signature
call the doctor with DEA {}
that is not my doctor's DEA, it says {}
""",
    "LICENSE NPI": """
The NPI is {}.
NPI {}
referring provider NPI: {}
NPI# {} for the claim
insurance wants the NPI number, I have {}
billing NPI {}
national provider identifier {}
is {} the right NPI?
doctor {} is out of network
provider ({}) not found
claim lists {} as rendering provider
npi no. {}
their NPI reads {}
use {} for the referral
PCP's NPI is {}
""",
    "VEHICLE VIN": """
My VIN is {}.
VIN: {}
vehicle identification number {}
The van with the wheelchair lift, VIN {}
vin# {} for the DMV form
insurance after the crash wants {}
the car ({}) was totaled
claim for {} and my neck pain
VIN number {} is on the accident report
Ford pickup {}
handicap placard for {}
vin {}
my truck is {}
the accident involved {}
registration shows {}
""",
    "VEHICLE plate": """
My license plate is {}.
License plate {} parked in your garage
plate # {}
car plate: {} got towed during my MRI
plate number {}
License plate number: {}
my tag number is {}
vehicle registration {}
valet has my car, plate {}
placa {}
I parked with plate {} by the ER
lic plate {} for the parking pass
handicap placard {} expires soon
plates: {}
matrícula {}
""",
    "DEVICE": """
My pacemaker serial number is {}.
Insulin pump serial {}
serial # {} on my CPAP
device ID {}
The transmitter SN: {} keeps losing signal
Dexcom sensor serial no. {}
S/N {}
implant serial number: {}
pump ID {} alarmed twice
lot number {} of the sensors was bad
Serial number {} on the nebulizer
my ICD, serial no {}, was recalled
hearing aid serial {}
número de serie {}
device identifier: {}
stent lot # {}
meter serial number {} reads high
""",
    "DEVICE UDI": """
The UDI on my hip implant card is {}.
UDI: {}
label reads {}
implant card: {}
scan of the box gave {}
device recall lists {}
UDI {} lens implant
my knee: {}
sticker in the chart {}
is {} part of the recall?
mesh {}
the label of the pump says {}
bar code {}
Recall notice for {} came by mail
valve label {} please check
""",
    "DEVICE MAC": """
My CGM receiver's MAC address is {}.
MAC {}
bluetooth address {}
the remote monitor {} is offline
device {} won't pair with the portal app
mac: {}
home hub shows {}
pairing failed for {}
my cuff ({}) won't sync
new transmitter {}
I see {} in the app
address of the monitor is {}
the app lists {}
support asked for {}
watch {} lost its link
""",
    "PHONE": """
Call me at {}.
my number is {}
cell {}
You can reach me on {} after 5
Phone: {}
new phone number {}, please update
tel. {}
home {} work same
text {} when ready
pharmacy's phone is {}
mobile: {}
my daughter's cell is {} she has POA
please call {} not the old one
contact {}
llámame al {}
The nurse left {} as a call back
""",
    "FAX": """
Fax it to {}.
fax: {}
Fax number {}
my employer's fax is {}
please fax the form to {}
fax # {}
send records by fax to {}
the fax no. is {}
Fax records to {} attn HR
{} (fax)
office fax {}
fax the lab order to the clinic at {}
Fax to {} thanks
FAX {}
por fax al {}
""",
    "EMAIL": """
Email me at {}.
my email is {}
write to {} please
Contact: {}
new address {} for the portal
Send the forms to {}
e-mail: {}
use {} not the old one
my wife's is {}
correo {}
reset link never came to {}
cc {} on that
sign up failed with {}
I can be reached by email, {}
the invite went to {}
""",
    "URL": """
I posted my story at {}.
see {}
my blog is {}
link: {}
the photos are on {} if the doctor wants
my profile is {}
Visit {} for my record
portal link {} is broken
found on {}
website {}
My page {} has the video
I uploaded the log to {}
here {}
shared folder: {}
page at {} tells everything
""",
    "IP": """
My IP address is {}.
IP: {}
login from {} was not me
blocked address {}
the portal logged {}
security mail says {} signed in
ip {}
someone used {} to open my chart
sign-in from {} at night
my router shows {}
connection refused for {}
client {} timed out
the log has {}
IP addr {} please unblock
remote host {}
""",
    "DATE": """
I was born on {}.
DOB {}
my surgery was on {}
seen {} for the rash
appointment {} needs moving
LMP {}
admitted {}, discharged after
date of birth: {}
the biopsy of {} came back
since {} I have headaches
DOS {}
Last colonoscopy: {}
f/u {}
My mother died {}
started warfarin {}
results from {} are missing
I fell on {}
dob={}
due {}
nací el {}
""",
    "DATE short": """
f/u {} with GI
seen on {} for cough
@ {} dose raised
d/c'd {} on abx
appt {} please
can I come {} at 2:30 pm
the test on {} was normal
labs {} fine
since {} no bleeding
surgery {} went well
due {} for booster
admitted {} w/ pneumonia
Mon {} works
moved from {} to later
my period started {}
last seen {}
""",
    "DATE named": """
I fell {}.
it started {}
seen in the ER {}
my stent was placed on {}
we met {} about the biopsy
Symptoms since {}
she was born on {}
the pain came back {} after dinner
labs drawn {}
could I come in {}?
surgery was {}
discharged {}
I last saw you {}
stopped smoking on {}
my fever began {}
""",
    "AGE_OVER_89": """
My mother is {} years old.
she is {}
a {}-year-old woman with falls
Grandpa is {} and lives alone
age: {}
aged {}
my dad, {}, is confused
{} yo F with CHF
pt is {} and frail
he turned {}
Patient, {} y/o, on hospice
I'm {} and still drive
{} y.o. male
my aunt turns {} soon
tiene {} años
she will be {}, I mean my grandmother is {}
{}yo M s/p fall
my husband ({}) has dementia
""",
    "GEOGRAPHIC ZIP": """
My zip is {}.
zip code {}
ZIP: {}
we moved to TX {}
Ohio {} is where I live
postal code {}
pharmacy near zip {}
código postal {}
I live in {} now
Chicago, IL {}
zip code is {} for the delivery
new ZIP code: {}
home zipcode {}
mail it to Denver, CO {}
clinics around zip code {}?
""",
    "GEOGRAPHIC point": """
I fell at {}.
GPS {}
location: {}
my watch sent {} to 911
coordinates {}
we are at {}
lat/long {}
ambulance went to {}
pin {}
the app shared {}
share my spot {}
house is at {}
fall detected {}
map says {}
found him at ({})
""",
    "OTHER_ID": """
Appointment number {} must be moved.
order # {}
Rx number {} refill
prescription # {} is out of refills
claim number {} was denied
case number {}
ticket # {} with IT
confirmation number {}
accession no. {}
referral number: {}
prior auth # {}
Order number {} from the lab
invoice number {}
reference number {} from my call
encounter # {}
visit number {}
study ID {}
tracking number {} for my meds
authorization number {} expired
employee ID {}
""",
    "OTHER_ID user": """
My username is {}.
user name: {}
login {}
portal login is {}
user ID {}
My MyChart username is {}
username {} locked out
my screen name is {}
userid: {}
I log in as {} on instagram
Instagram: {}
my handle is {}
twitter @{}
nombre de usuario: {}
usuario {}
""",
    "OTHER_ID room": """
I am in room {}.
room {}
Room: {}
she is in bed {}
rm {}
Room # {} no call light
Mom was moved to room {}
in hospital room {}
bed {} by the window
room number {}
habitación {}
please visit me, room {}
dad's in Rm {}
exam room {}
Bed: {}
""",
    "PHOTO": """
The photo is {}.
see {}
I attached {}
rash picture: {}
file {} shows the wound
{} is my face
uploaded {} yesterday
image {}
why was {} rejected?
my selfie {} is in the portal
foto: {}
the before picture is {}
look at {} please
sent as {}
Attachment: {}
""",
    "BIOMETRIC": """
My fingerprint template is {}.
fingerprint ID {}
voiceprint: {}
face ID template {}
iris scan code {}
Fingerprint hash: {}
the kiosk stored voice print ID {}
facial recognition template {}
biometric ID {}
thumbprint record {}
my palm vein template {} must be deleted
retina scan ID {}
Face template: {}
biometric template {}
huella dactilar: {}
""",
}


def carriers_of(kind: str) -> list[str]:
    """Return the sentences for a class; `{}` marks the value."""
    return CARRIERS[kind].strip().splitlines()
