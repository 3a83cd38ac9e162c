"""The three-digit rule for ZIP codes.

45 CFR 164.514(b)(2)(i)(B) lets the first three digits of a ZIP code stay where all ZIP codes that begin so hold more than 20,000 people, and wants
000 in their place where they hold fewer. Source of the list: HHS, "Guidance Regarding Methods for De-identification of Protected Health
Information", Census 2000 (https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html).

What the redactor does: a whole code goes as a whole, because a placeholder that keeps three digits would be a second kind of placeholder and the
answer never needs them; three digits given by themselves ("my zip starts with 606") stay, unless they are on this list.
"""

LOW_POPULATION_ZIP3 = frozenset(
    {
        "036",
        "059",
        "063",
        "102",
        "203",
        "556",
        "692",
        "790",
        "821",
        "823",
        "830",
        "831",
        "878",
        "879",
        "884",
        "890",
        "893",
    }
)


def is_identifying_prefix(digits: str) -> bool:
    """Say whether the first digits of a ZIP code must go: four or five always, three where few people live."""
    return len(digits) > 3 or digits in LOW_POPULATION_ZIP3
