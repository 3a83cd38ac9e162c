"""References to photographs and recordings: image data, file names, picture ids.

Class Q of 45 CFR 164.514(b)(2)(i): "full-face photographs and any comparable images". Pictures themselves never come in, because the
gateway refuses uploads; what can stand in text is a data URI, a file's name (which often holds a date or a name) or an id in a gallery.
Format: RFC 2397 data URIs; DCF file names of cameras (JEITA CP-3461); common image, video, audio and DICOM endings.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_ENDING = r"\.(?:jpe?g|jpe|jfif|png|gif|webp|hei[cf]|avif|tiff?|bmp|svg|dng|cr2|nef|raw|dcm|dicom|mp4|m4v|mov|avi|mkv|webm|3gp|mp3|m4a|wav|aac|ogg|amr)"
_WORD = r"(?:[\w@+%~$#&=!-][\w@+%~$#&=!().-]{0,120}?)"


class PhotoRecogniser(FormRecogniser):
    """Find references to photographs and recordings."""

    phi_type = PhiType.PHOTO
    forms = (
        Form(
            "data URI",
            r"\bdata:(?:image|video|audio|application)/[\w.+-]{1,40}(?:;[\w=-]{1,40}){0,4},[\w+/=%-]{0,100000}",
            0.98,
        ),
        Form("file name", rf"(?<![\w@.])(?:[A-Z]:)?(?:[\w.~-]{{0,60}}[\\/]){{0,8}}{_WORD}{_ENDING}(?![\w@])", 0.9),
        Form(
            "file name with spaces",
            r"\b(?:whatsapp (?:image|video|audio)|screen ?shot|screen recording|photo|image|img|scan|picture|captura de pantalla|foto)"
            rf"(?:[ _-][\w().,:'-]{{1,30}}){{1,8}}?{_ENDING}(?!\w)",
            0.88,
        ),
        Form(
            "file name with spaces, beside a cue",
            START
            + r"(?:(?:uploaded|saved|sent|attached|submitted|labeled|labelled)(?: it| them| this)? as|named|called|titled|file(?: ?name)?(?: is)?|attached|attachment)[ :\"'(]{1,3}"
            + rf"(?P<value>(?:[\w()'&-]{{1,24}} ){{1,6}}?[\w()-]{{1,40}}{_ENDING})(?!\w)",
            0.85,
        ),
        Form(
            "camera name",
            r"(?<![\w.-])(?:IMG|DSC[NF]?|DSC_|PXL|MVIMG|VID|MOV|GOPR|P10|SAM|DCIM|WP|Screenshot)[_-]?[0-9]{4,8}(?:[_-][0-9]{4,9}){0,2}(?:[_-](?:WA)?[0-9]{1,6})?(?![\w-])",
            0.85,
        ),
        Form(
            "picture id",
            START
            + rf"(?:photo(?:graph)?|picture|pic|image|headshot|selfie|x-?ray image|dicom|foto){NUMBER}{{1,2}}"
            + GLUE
            + rf"(?P<value>{IDENTIFIER})",
            0.85,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave counts alone ("image number 3 of 12")."""
        return form.name != "picture id" or is_code(value, digits=3, mixed_digits=2)
