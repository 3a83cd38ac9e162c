"""A hospital's own documents become topic files that await review: read, cut into passages, checked, shelved.

Markdown, HTML, PDF, MedlinePlus XML and JSON lines come in (`reading.py`); topic files with `status: draft` go out
(`shelf.py`). Nothing of them reaches a patient until a person has signed the file and the index was built again.
"""
